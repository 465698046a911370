import pytest
def test_world(db):
    from vein2vein.therapies.models import DefinitionVersion
    print([(str(x),x.state) for x in DefinitionVersion.objects.all()])
