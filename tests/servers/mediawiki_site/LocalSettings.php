<?php
// Settings of the wiki; what differs from run to run comes from the environment.
$data = getenv('WIKI_DATA');
$wgSitename = 'Test wiki';
$wgServer = getenv('SITE_URL');
$wgScriptPath = '';
$wgDBtype = 'sqlite';
$wgDBname = 'wiki';
$wgSQLiteDataDir = $data;
$wgCacheDirectory = "$data/cache";
$wgMainCacheType = CACHE_DB;
$wgSecretKey = str_repeat('0123456789abcdef', 4);
$wgUpgradeKey = '0123456789abcdef';
$wgPasswordSender = $wgEmergencyContact = 'wiki@example.test';
$wgEnableEmail = false;
$wgDiff3 = '';
// Tests write fast, with short passwords, and want what they wrote told at once.
$wgRateLimits = [];
$wgJobRunRate = 0;
$wgRunJobsAsync = false;
$wgPasswordPolicy['policies'] = ['default' => []];
wfLoadSkin('Vector');
$wgDefaultSkin = 'vector-2022';
$wgExtensionDirectory = "$IP/extensions-core";
wfLoadExtension('Echo');
$wgEchoUseJobQueue = false;
