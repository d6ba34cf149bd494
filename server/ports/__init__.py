"""What the services ask of a storage. The docstrings are the contract; implementations are silent.

Every method raises `StorageUnavailable` when the storage does not answer or is down; that is a fault,
not an outcome. `now` always comes from the caller. Methods that take a school's id never see or
touch another school's rows.

Some go on without the storage, by what this process knows of sessions and logins that it had to do with
lately: they say so. «Late» is a commit that takes longer than 100 ms, or a reading that takes half a second.
"""
