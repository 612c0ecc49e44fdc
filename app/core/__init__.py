"""What everything else stands on; knows no domain and no HTTP."""
