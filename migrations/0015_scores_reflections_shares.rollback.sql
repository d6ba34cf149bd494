DROP TABLE shares, reflections, score_sheets;
ALTER TABLE session_cases DROP pass_percent;
