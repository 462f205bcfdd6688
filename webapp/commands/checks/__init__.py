"""What the doctor looks at: each file one part, each finding one sentence with what to do."""
