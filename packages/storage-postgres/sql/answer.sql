-- What a function answers of an item of a call, numbered from 1, in a way of its own (`kind`).
create type {schema}.answer as (kind text, item int, until bigint, task {schema}.tasks);
