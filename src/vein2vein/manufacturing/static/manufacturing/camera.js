// The tablet's camera as a scanner: the reader (WebAssembly) is fetched when the camera is first opened, and only then.
"use strict";
window.bench = window.bench || {};
(() => {
  let ready = null, stream = null;
  const load = () => {
    ready ??= new Promise((done, failed) => {
      const { reader, wasm } = document.querySelector("[data-floor]").dataset, script = document.createElement("script");
      script.src = reader;
      script.onload = () => {
        ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm } });
        done(ZXingWASM);
      };
      script.onerror = failed;
      document.head.append(script);
    });
    return ready;
  };
  bench.readPicture = async (picture) => {
    const found = await (await load()).readBarcodes(picture, { tryHarder: true, maxNumberOfSymbols: 1 });
    return found.find((one) => one.isValid)?.text ?? "";
  };
  const close = () => {
    stream?.getTracks().forEach((one) => one.stop());
    stream = null;
    const finder = document.querySelector("[data-viewfinder]");
    if (finder) finder.hidden = true;
  };
  const look = async (video) => {
    const canvas = document.createElement("canvas"), paper = canvas.getContext("2d", { willReadFrequently: true });
    while (stream && video.isConnected) {
      if (video.videoWidth) {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        paper.drawImage(video, 0, 0);
        const text = await bench.readPicture(paper.getImageData(0, 0, canvas.width, canvas.height));
        if (text) { close(); bench.take(text); return; }
      }
      await new Promise((done) => { setTimeout(done, 120); });
    }
    close();
  };
  const open = async () => {
    const finder = document.querySelector("[data-viewfinder]"), video = finder.querySelector("video");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      finder.hidden = false;
      await video.play();
      await look(video);
    } catch {
      close();
      document.querySelector("[data-said]").textContent = bench.say("no_camera");
    }
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-camera]")) return;
    if (stream) close(); else open();
  });
  bench.showCamera = () => {
    const button = document.querySelector("[data-camera]");
    if (button) button.hidden = !navigator.mediaDevices?.getUserMedia;
  };
})();
