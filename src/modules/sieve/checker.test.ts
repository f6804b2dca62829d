import { expect, test } from 'vitest'
import { problemsOf } from '../../../test/support/sieve-run.ts'

test.each([
  // RFC 5228 §3.2
  ['fileinto "A";', '1: the fileinto command needs require "fileinto"'],
  ['require "frobnicate";', "1: unknown extension 'frobnicate'"],
  ['keep;\nrequire "fileinto";', '2: require must stand before all other commands, and not in a block'],
  // §2.10.5
  ['frop;', "1: unknown command 'frop'"],
  ['if frop {}', "1: unknown test 'frop'"],
  ['header "a" "b";', "1: attempted to use test 'header' as a command"],
  ['if keep {}', "1: attempted to use command 'keep' as a test of if"],
  // §2.6
  ['redirect;', '1: the redirect command requires 1 positional argument, but 0 are specified'],
  [
    'redirect "a@x.test" "b@x.test";',
    '1: the redirect command requires 1 positional argument, but 2 are specified',
  ],
  ['redirect 1;', '1: the redirect command expects a string as argument 1 (address), but a number was found'],
  [
    'redirect ["a@x.test"];',
    '1: the redirect command expects a string as argument 1 (address), but a string list was found',
  ],
  [
    'if header :is :contains "a" "b" {}',
    "1: tagged argument ':contains' of the header test excludes ':is', which is also given",
  ],
  ['if header :is :is "a" "b" {}', "1: tagged argument ':is' of the header test is given twice"],
  ['if header "a" :is "b" {}', "1: unexpected tagged argument ':is' for the header test: tags come first"],
  [
    'if header :frop "a" "b" {}',
    "1: unknown tagged argument ':frop' for the header test (it may belong to an extension)",
  ],
  [
    'if header :regex "a" "b" {}',
    '1: unknown tagged argument \':regex\' for the header test (it needs require "regex")',
  ],
  ['if header matches "a" "b" {}', "1: missing colon ':' before 'matches' tag in the header test"],
  ['if header :comparator "i;klingon" "a" "b" {}', "1: unknown comparator 'i;klingon'"],
  [
    'if header :comparator "i;ascii-numeric" "a" "b" {}',
    '1: the comparator needs require "comparator-i;ascii-numeric"',
  ],
  ['if size 1 {}', '1: the size test requires :over or :under'],
  ['if true;', '1: the if command needs a block'],
  ['keep {}', '1: the keep command takes no block'],
  ['if {}', '1: the if command requires one test'],
  ['if anyof true {}', '1: the anyof test requires a list of tests in parentheses'],
  ['else { keep; }', '1: else must follow if or elsif'],
  ['keep\ndiscard;', "1: missing semicolon ';' after the keep command"],
  ['keep', "1: missing semicolon ';' after the keep command"],
  ['if true { keep;', "1: expected '}' at the end of the block, but found the end of the script"],
  ['redirect "a@x.test;', '1: this string is never closed'],
  ['/* keep;', '1: this comment is never closed'],
  ['redirect text:\nabc', '1: this text has no closing line with a single dot'],
  ['if size :over 99999999999999999999 {}', '1: this number is too large'],
  ['redirect "no address";', "1: specified address 'no address' is invalid for the redirect command"],
  [
    'if address "subject" "x" {}',
    "1: specified header 'subject' is not allowed for the address test: it holds no addresses",
  ],
  ['require "envelope"; if envelope "frop" "x" {}', "1: unknown envelope part 'frop'"],
  ['require "regex"; if header :regex "a" "(b" {}', "1: invalid regular expression '(b': unmatched '('"],
  ['require "variables"; set "1a" "x";', "1: invalid variable name '1a'"],
  [
    'require "variables"; set :upper :lower "a" "x";',
    "1: tagged argument ':lower' of the set command excludes ':upper', which is also given",
  ],
  [`require "variables"; if header "a" "\${x.y}" {}`, "1: unknown namespace 'x'"],
  ['require "index"; if header :last "a" "b" {}', "1: the ':last' tag of the header test needs ':index'"],
  ['require "foreverypart"; break;', '1: break must stand in a foreverypart loop'],
  [
    'require "enotify"; notify "tel:1";',
    "1: invalid notification method: the method of 'tel:1' is not known",
  ],
  [
    'require ["vacation", "fcc"]; vacation :create "x";',
    '1: unknown tagged argument \':create\' for the vacation command (it needs require "mailbox")',
  ],
])('%s is refused', async (script, problem) => {
  expect(await problemsOf(script)).toContain(problem)
})

test('all mistakes are told at once, each with its line', async () => {
  const script = 'frop;\nif header "a" { keep; friep; }\nkeep,\nkeep;\ndiscard 1;\n'
  expect(await problemsOf(script)).toEqual(["3: missing semicolon ';' after the keep command"])
  expect(await problemsOf(script.replace('keep,\n', ''))).toEqual([
    "1: unknown command 'frop'",
    '2: the header test requires 2 positional arguments, but 1 is specified',
    "2: unknown command 'friep'",
    '4: the discard command requires 0 positional arguments, but 1 is specified',
  ])
})

test.each([
  'require "ihave"; if ihave "frobnicate" { frobnicate :fully "x"; }',
  'require "ihave"; if allof (ihave "frobnicate", frobnicated "x") { keep; }',
  'require "ihave"; if ihave "fileinto" { fileinto "A"; } fileinto "B";',
])('RFC 5463: %s is accepted', async (script) => {
  expect(await problemsOf(script)).toEqual([])
})
