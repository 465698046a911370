"""Pages of planning."""

urlpatterns = []
