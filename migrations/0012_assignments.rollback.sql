DROP TABLE assignment_tries, assignments;
