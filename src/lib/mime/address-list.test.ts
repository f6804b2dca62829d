import { expect, test } from 'vitest'
import { type ListEntry, mailboxesOf, parseAddressList } from './address-list.ts'

/** `name|route|local|domain`, a group as `name: […]`. */
function show(entry: ListEntry): string {
  if (entry.kind === 'group') return `${entry.name}: [${entry.members.map(show).join(', ')}]`
  return [entry.name ?? '', entry.route ?? '', entry.local, entry.domain].join('|')
}

test.each<[string, string[]]>([
  // RFC 5322 appendix A
  ['John Doe <jdoe@machine.example>', ['John Doe||jdoe|machine.example']],
  [
    'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
    ['Mary Smith||mary|x.test', '||jdoe|example.org', 'Who?||one|y.test'],
  ],
  [
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
    ['||boss|nil.test', 'Giant; "Big" Box||sysservices|example.net'],
  ],
  [
    'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
    ['A Group: [Ed Jones||c|a.test, ||joe|where.test, John||jdoe|one.test]'],
  ],
  ['Undisclosed recipients:;', ['Undisclosed recipients: []']],
  ['"Joe Q. Public" <john.q.public@example.com>', ['Joe Q. Public||john.q.public|example.com']],
  ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', ['Pete||pete|silly.test']],
  [
    "Chris Jones <c@(Chris's host.)public.example>, joe@example.org",
    ['Chris Jones||c|public.example', '||joe|example.org'],
  ],
  ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ['Hidden recipients: []']],
  // obsolete forms, A.6
  ['Joe Q. Public <john.q.public@example.com>', ['Joe Q. Public||john.q.public|example.com']],
  [
    'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
    ['Mary Smith|@node.test|mary|example.net', '||jdoe|test.example'],
  ],
  ['<@a.test,@b.test:c@d.test>', ['|@a.test,@b.test|c|d.test']],
  ['John Doe <jdoe@machine(comment).  example>', ['John Doe||jdoe|machine.example']],
  // RFC 6532, RFC 2047
  ['用户 <用户@例子.中国>', ['用户||用户|例子.中国']],
  ['=?utf-8?Q?J=C3=BCrgen?= <j@x.test>', ['=?utf-8?Q?J=C3=BCrgen?=||j|x.test']],
  ['"=?utf-8?Q?A,_B?=" <j@x.test>', ['=?utf-8?Q?A,_B?=||j|x.test']],
  // quoting and literals
  ['"john doe"@example.com', ['||john doe|example.com']],
  ['"a@b"@example.com', ['||a@b|example.com']],
  ['x@[192.0.2.1], y@[IPv6:2001:db8::1]', ['||x|[192.0.2.1]', '||y|[IPv6:2001:db8::1]']],
  // the name after the address
  ['jdoe@example.org (John Doe)', ['John Doe||jdoe|example.org']],
  // what people write against the rules
  ['a@b.test; c@d.test', ['||a|b.test', '||c|d.test']],
  ['John Doe jdoe@x.test', ['John Doe||jdoe|x.test']],
  ['John Doe', ['John Doe|||']],
  ['"John"jdoe@x.test', ['John||jdoe|x.test']],
  ['postmaster', ['||postmaster|']],
  ['<postmaster>', ['||postmaster|']],
  ['<>', ['|||']],
  ['John <jdoe@x.test', ['John||jdoe|x.test']],
  ['John <jdoe@x.test, b@c.test', ['John||jdoe|x.test', '||b|c.test']],
  ['"never closed <a@b.test>', ['||never closed <a@b.test>|']],
  ['a@b@c.test', ['||a@b|c.test']],
  ['<Undisclosed-Recipient:;@x.test>', ['||Undisclosed-Recipient:;|x.test']],
  ['a@b.test,,, ,c@d.test', ['||a|b.test', '||c|d.test']],
  ['Group: a@b.test', ['Group: [||a|b.test]']],
  ['One: a@b.test;, c@d.test, Two: e@f.test;', ['One: [||a|b.test]', '||c|d.test', 'Two: [||e|f.test]']],
  ['', []],
  [' , ; ', []],
])('%j', (raw, entries) => {
  expect(parseAddressList(raw).map(show)).toEqual(entries)
})

test('the mailboxes of groups are among the mailboxes', () => {
  expect(mailboxesOf(parseAddressList('G: a@x, b@x;, c@x')).map(({ local }) => local)).toEqual([
    'a',
    'b',
    'c',
  ])
})

test('gives at most ten thousand addresses', () => {
  expect(parseAddressList('a@b,'.repeat(20_000))).toHaveLength(10_000)
})
