-- A copied database is mute: no channel listens, no stored access survives.
UPDATE community_channel
   SET state = 'paused',
       next_poll_at = NULL
 WHERE state IN ('listening', 'error', 'access');
DELETE FROM community_secret;
DELETE FROM community_push WHERE state = 'waiting';
