"""What the labels of a chain say, put there when it is issued; and what a container's label says of it."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

TEXTS = {
    "chain": (
        "therapy_name_en",
        "therapy_name_zh",
        "product_code",
        "protocol",
        "subject_number",
        "authorisation_reference",
    ),
    "container": ("label_set", "contents_en", "contents_zh", "storage_en", "storage_zh", "batch_number"),
    "label": ("purpose_zh", "storage_en", "storage_zh"),
}

KEPT = """
CREATE TRIGGER identity_chain_labels_keep BEFORE UPDATE ON identity_chain
    FOR EACH ROW EXECUTE FUNCTION identity_keep('therapy_name_en', 'therapy_name_zh', 'product_code', 'trial_only',
        'protocol', 'subject_number', 'authorisation_reference', 'label_sets');
CREATE TRIGGER identity_container_label_keep BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_keep('label_set', 'contents_en', 'contents_zh', 'batch_number', 'made_by_site_id');
CREATE TRIGGER identity_label_says_keep BEFORE UPDATE ON identity_label
    FOR EACH ROW EXECUTE FUNCTION identity_keep('purpose_zh', 'storage_en', 'storage_zh');
"""

DEFAULTS = ";".join(
    f"ALTER TABLE identity_{model} ALTER COLUMN {column} SET DEFAULT ''"
    for model, columns in TEXTS.items()
    for column in columns
)

GONE = """
DROP TRIGGER identity_chain_labels_keep ON identity_chain;
DROP TRIGGER identity_container_label_keep ON identity_container;
DROP TRIGGER identity_label_says_keep ON identity_label;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_one_thread"), ("network", "0001_initial")]
    operations = [
        *(
            migrations.AddField(model, column, models.TextField(blank=True, default=""))
            for model, columns in TEXTS.items()
            for column in columns
        ),
        migrations.AddField("chain", "trial_only", models.BooleanField(default=False)),
        migrations.AddField("chain", "label_sets", models.JSONField(default=list)),
        migrations.AddField(
            "container",
            "made_by_site",
            models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="network.site"),
        ),
        migrations.RunSQL(DEFAULTS, migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE identity_chain ALTER COLUMN trial_only SET DEFAULT false, ALTER COLUMN label_sets SET DEFAULT '[]'", migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, GONE),
    ]
