const everything = [
  ...[
    'fileinto',
    'copy',
    'imap4flags',
    'mailbox',
    'variables',
    'envelope',
    'encoded-character',
    'relational',
  ],
  ...['comparator-i;ascii-numeric', 'subaddress', 'regex', 'body', 'date', 'index', 'ihave', 'environment'],
  ...['editheader', 'mime', 'foreverypart', 'extracttext', 'duplicate', 'vacation', 'reject', 'enotify'],
]

const requires = `require [${everything.map((name) => JSON.stringify(name)).join(', ')}];\n`

/** Scripts as people write them (§ stands for a dollar), and as nobody should; what each does is compared with another implementation. */
const texts: readonly string[] = [
  // Control, and the implicit keep
  '',
  'keep;',
  'keep; keep;',
  'discard;',
  'discard; keep;',
  'stop; discard;',
  'if true { discard; } keep;',
  'if false { discard; } elsif true { fileinto "A"; } else { keep; }',
  'if false { discard; } elsif false { fileinto "A"; } else { fileinto "B"; }',
  'if anyof (false, not false) { if allof (true, not not true) { fileinto "A"; stop; } } fileinto "B";',
  'if allof () { fileinto "A"; }',
  'fileinto "A"; fileinto "A"; fileinto "B"; stop; fileinto "C";',
  'fileinto "INBOX"; keep;',
  '/* a comment */ fileinto # another\n "A" /* and */ ; # the last',
  'fileinto text:\nA\n.\n;',
  // Copies and redirects
  'fileinto :copy "A";',
  'fileinto :copy "A"; fileinto "B";',
  'redirect "a@x.test";',
  'redirect :copy "a@x.test"; redirect :copy "a@x.test"; redirect :copy "b@x.test";',
  'redirect "a@x.test"; keep;',
  'redirect "A@x.test"; redirect "a@X.TEST";',
  'fileinto :create "New/Folder"; redirect :copy "Nobody <a@x.test>";',
  // Flags
  'keep :flags "\\\\Seen";',
  'addflag "\\\\Seen"; keep; addflag "\\\\Flagged"; fileinto "A";',
  'setflag ["a", "b c"]; removeflag "b"; fileinto "A";',
  'setflag "x" "\\\\Deleted"; addflag "x" "c"; fileinto :flags "§{x}" "A";',
  'addflag "a"; if hasflag :contains "A" { fileinto :flags "" "A"; }',
  'setflag "\\\\Seen \\\\seen \\\\SEEN"; keep;',
  // Variables
  'set "a" "Hello"; set :upper "b" "§{a}"; fileinto "§{b}-§{A}-§{nothing}";',
  'set :lower :upperfirst "a" "hELLO wORLD"; fileinto "§{a}";',
  'set :length "n" "ünter"; fileinto "§{n}";',
  'set :quotewildcard "q" "a*b?c\\\\d"; fileinto "§{q}";',
  'if header :matches "subject" "*?*" { fileinto "S-§{1}-§{2}-§{3}"; }',
  'if header :regex "subject" "([[:alpha:]]+)[^[:alpha:]]*([[:alpha:]]*)" { fileinto "R-§{1}-§{2}"; }',
  'if string :matches "one two three" "* * *" { fileinto "§{3}/§{2}/§{1}"; }',
  'set "d" "§{hex: 41 42}§{unicode:43}"; fileinto "§{d}";',
  'set "a" "§{§{a}}"; set "a" "§{a"; fileinto "x§{a}";',
  'set "i" "1"; set "i" "§{i}1"; set "i" "§{i}1"; if string :value "gt" :comparator "i;ascii-numeric" "§{i}" "110" { fileinto "big"; }',
  // What tests see
  'if header :contains ["to", "cc"] "home.test" { fileinto "Home"; }',
  'if address :user "from" "ann" { fileinto "ann-§{1}"; }',
  'if address :detail :matches "from" "*" { fileinto "detail-§{1}"; }',
  'if envelope :localpart "from" "sender" { fileinto "sender"; }',
  'if envelope :domain :is "to" ["home.test"] { fileinto "to"; }',
  'if size :over 1K { fileinto "large"; } else { fileinto "small"; }',
  'if header :count "ge" :comparator "i;ascii-numeric" "received" ["2"] { fileinto "two"; }',
  'if body :text :contains "example" { fileinto "example"; }',
  'if body :raw :matches "*Hello*" { fileinto "hello"; }',
  'if date :originalzone :matches "date" "iso8601" "*T*" { fileinto "§{1} §{2}"; }',
  'if date :zone "+0100" :value "ge" "date" "hour" "09" { fileinto "nine"; }',
  'if header :index 1 :matches "received" "from * by*" { fileinto "§{1}"; }',
  'if header :index 1 :last :matches "received" "from * *" { fileinto "§{1}"; }',
  'if exists ["from", "date"] { fileinto "both"; }',
  'if not exists ["x-nope", "date"] { fileinto "not both"; }',
  'if ihave "nonsense" { nonsense; } else { fileinto "else"; }',
  'if environment "nonsense" "" { fileinto "none"; }',
  'if mailboxexists "INBOX" { fileinto "there"; }',
  'if mailboxexists ["INBOX", "Nowhere"] { fileinto "there"; }',
  // Parts
  'foreverypart { if header :mime :type "content-type" "text" { fileinto "text"; } }',
  'foreverypart { if header :mime :subtype "content-type" "html" { break; } fileinto "before"; }',
  'foreverypart :name "x" { foreverypart { break :name "x"; } fileinto "inner"; }',
  'foreverypart { if header :mime :contenttype "content-type" "text/plain" { extracttext :first 5 "t"; fileinto "t-§{t}"; } }',
  'if header :mime :anychild :param "name" :matches "content-type" "*.pdf" { fileinto "§{1}"; }',
  // Edited headers
  'addheader "X-New" "one"; if header "x-new" "one" { fileinto "new"; }',
  'addheader :last "X-New" "one"; addheader "X-New" "two"; if header :index 1 "x-new" "two" { fileinto "first"; }',
  'deleteheader "subject"; if not exists "subject" { fileinto "gone"; }',
  'deleteheader :index 1 "received"; if header :count "eq" :comparator "i;ascii-numeric" "received" "1" { fileinto "one left"; }',
  'deleteheader :contains "received" "a.example"; if header :contains "received" "by a.example" { fileinto "other left"; }',
  // Sending
  'vacation "Away.";',
  'vacation :days 3 :subject "Gone" "Away."; keep;',
  'vacation :days 100 "Away.";',
  'if true { vacation :handle "x" "Away."; discard; }',
  'reject "No, thank you.";',
  'reject "No."; stop; keep;',
  'notify :message "Hello" "mailto:a@x.test";',
  'notify "mailto:a@x.test?subject=Hi%20there&cc=b@x.test"; fileinto "A";',
  'if duplicate { discard; }',
  'if duplicate :header "x-nope" { discard; } else { fileinto "new"; }',
  // Failures while it runs: all is undone and the message is kept
  'fileinto "A"; set "x" "a\\\\nb"; reject "a"; keep;',
  'reject "no"; fileinto "A";',
  'vacation "x"; reject "y";',
  'if header :matches "subject" "*" { redirect "§{1}"; }',
]

export const oracleScripts: readonly string[] = texts.map((text) => requires + text.replaceAll('§', '$'))

/** Where the two differ, each with the reason: by the script as it stands above. */
const explained: Readonly<Record<string, string>> = {
  'fileinto text:\nA\n.\n;':
    'a folder with a line end in its name is refused when the script is read; Pigeonhole shows it as ??',
  'if header :matches "subject" "*?*" { fileinto "S-§{1}-§{2}-§{3}"; }':
    'with a tab in the subject, or a very long one, no folder can have this name: here the script fails, Dovecot tells it later',
  'foreverypart { if header :mime :contenttype "content-type" "text/plain" { extracttext :first 5 "t"; fileinto "t-§{t}"; } }':
    'RFC 5703 §7 counts characters; Pigeonhole counts octets, and no folder is named by half a letter',
  'redirect "A@x.test"; redirect "a@X.TEST";':
    'addresses that differ by case alone are one person here, who gets it once',
  'foreverypart :name "x" { foreverypart { break :name "x"; } fileinto "inner"; }':
    'Pigeonhole 0.5.19 finds its own compiled script corrupt',
  'vacation :days 100 "Away.";':
    'nobody is answered less often than every 60 days; Pigeonhole has no such end unless it is told',
}

export const explainedScripts: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(explained).map(([text, why]) => [text.replaceAll('§', '$'), why]),
)
