<?php
// Creates the site in an empty database; run once, by the installer.
define('WP_INSTALLING', true);
$_SERVER += [
    'HTTP_HOST' => parse_url(getenv('SITE_URL'), PHP_URL_HOST),
    'REQUEST_METHOD' => 'GET',
    'SERVER_PROTOCOL' => 'HTTP/1.1',
];
function wp_new_blog_notification() {}
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Test blog', 'admin', 'admin@example.test', true, '', 'admin');
update_option('permalink_structure', '/%postname%/');
update_option('comment_previously_approved', '0');
update_option('comment_registration', '1');
update_option('thread_comments', '1');
wp_delete_post(1, true);
wp_delete_post(2, true);
$password = WP_Application_Passwords::create_new_application_password(1, ['name' => 'tests'])[0];
file_put_contents($argv[2], $password);
