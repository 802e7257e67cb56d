-- Undoes what the other files make.
drop function if exists {schema}.insert_alike, {schema}.enqueue, {schema}.insert_tasks, {schema}.claim;
drop function if exists {schema}.write_alike, {schema}.write, {schema}.renew, {schema}.next_due, {schema}.next_token, {schema}.omniq_now;
drop type if exists {schema}.new_task, {schema}.task_write, {schema}.new_event, {schema}.claimed_queue, {schema}.mark;
drop type if exists {schema}.renewal, {schema}.answer, {schema}.insert_answer;
drop sequence if exists {schema}.omniq_token;
