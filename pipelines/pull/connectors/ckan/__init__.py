"""Tables of open-data portals: CKAN's datastore and Socrata's SODA, page after page."""
