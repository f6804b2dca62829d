<?php
// Drives the class by which Roundcube's plugin "managesieve" speaks to a server; each line of the output is one step, as JSON.
error_reporting(E_ALL & ~E_WARNING & ~E_DEPRECATED);
require_once 'Net/Sieve.php';
[, $plugin, $port] = $argv;
require "$plugin/lib/Roundcube/rcube_sieve.php";
require "$plugin/lib/Roundcube/rcube_sieve_script.php";

function step($name, ...$results) { echo json_encode([$name, ...$results], JSON_UNESCAPED_UNICODE), "\n"; }

$trusting = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]];
$sieve = new rcube_sieve('ann@example.test', 'pw', 'localhost', (int) $port, null, true, [], false, null, null, $trusting);
step('connect', $sieve->error(), in_array('vacation', $sieve->get_extensions()));
step('empty set', $sieve->save_script('roundcube', ''), $sieve->load('roundcube'));
$sieve->script->add_rule([
    'name' => 'Büro "x"', 'type' => 'if', 'join' => false, 'disabled' => false,
    'tests' => [['test' => 'header', 'type' => 'contains', 'arg1' => 'subject', 'arg2' => ['büro', 'a"b\\c']]],
    'actions' => [['type' => 'fileinto', 'target' => 'INBOX/Büro'], ['type' => 'stop']],
]);
$sieve->script->add_rule([
    'name' => 'away', 'type' => 'if', 'join' => false, 'disabled' => false,
    'tests' => [['test' => 'true']],
    'actions' => [['type' => 'vacation', 'reason' => "Line\n.dot\nend", 'days' => 3, 'subject' => 'Weg: Grüße']],
]);
step('two rules', $sieve->save(), $sieve->activate(), $sieve->get_active(), $sieve->get_scripts());
$again = new rcube_sieve('ann@example.test', 'pw', 'localhost', (int) $port, null, true, [], false, null, null, $trusting);
$again->load('roundcube');
$names = array_map(fn ($rule) => $rule['name'], $again->script->as_array());
step('read again', $names, $again->script->as_array()[1]['actions'][0]['reason']);
step('mistakes', $sieve->save_script('bad', "keep;\nfrop;\nfileinto \"x\";\n"), array_column($sieve->get_error_lines(), 'line'));
step('copy', $sieve->copy('second', 'roundcube'), $sieve->deactivate(), $sieve->activate('second'));
step('remove', $sieve->remove('second'), $sieve->remove('roundcube'), $sieve->get_scripts());
