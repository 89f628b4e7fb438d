"""What a team has to do and when: duties of days, weeks and months, counts, milestones, risks."""
