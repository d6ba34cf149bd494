DROP TABLE attendance, annotations;
