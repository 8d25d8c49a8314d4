"""What the scenes are made of: a stage with processes, reference servers, a client, checks, races, and load with a journal."""
