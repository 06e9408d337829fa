"""Letters for signature: facts in, a PDF out whose every page can be recognised on a phone photo."""
