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
-- What waits to be sent is sent by the database that was copied.
UPDATE community_touch SET state = 'expired', expires_at = NULL WHERE state = 'reserved';
UPDATE sms_sms SET state = 'canceled', community_wait_until = NULL WHERE state = 'community_quiet';
