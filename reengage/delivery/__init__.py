"""Tasks as the rows and files of one CRM each: pure, nothing here reads or writes."""
