"""The REST API: the door, and what every version of the API shares."""
