ALTER TABLE trainer_tokens DROP agent;
DROP TABLE invitations;
