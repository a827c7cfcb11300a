-- A copied database is mute: no channel listens, no stored access survives.
UPDATE community_channel
   SET state = 'paused',
       next_poll_at = NULL
 WHERE state IN ('listening', 'error', 'access');
-- The networks go on delivering to the database that was copied.
UPDATE community_channel
   SET push_state = NULL,
       push_address = NULL,
       subscribed_until = NULL;
DELETE FROM community_secret;
DELETE FROM community_push WHERE state = 'waiting';
DELETE FROM community_authorization;
