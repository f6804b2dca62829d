import { expect, test } from 'vitest'
import { readUserTable, tableHead, tableLine } from './user-table.ts'

const all = { mayAll: true, mostRows: 1_000 }

test('a line says what is known of a user, and nothing of what is empty', () => {
  const file =
    'Email;Password;Name;Quota;Enabled;forward-to;message_rate\n' +
    'Ann@Example.org;"p;w ""x""";Ann;1,5G;no;a@x.test b@y.test;20/hour\n' +
    'bob@example.org;;;;;-;\n'
  expect(readUserTable(file, all)).toEqual({
    kind: 'read',
    mistakes: [],
    rows: [
      {
        line: 2,
        address: 'ann@example.org',
        secret: { password: 'p;w "x"' },
        settings: {
          displayedName: 'Ann',
          quotaBytes: 1_500_000_000,
          enabled: false,
          forwardDestination: ['a@x.test', 'b@y.test'],
          forwardEnabled: true,
          messageRate: { count: 20, seconds: 3600 },
        },
      },
      {
        line: 3,
        address: 'bob@example.org',
        secret: {},
        settings: { forwardDestination: [], forwardEnabled: false },
      },
    ],
  })
})

test.each([
  ['email\nno address', 2, 'expected an address'],
  ['email,quota\na@x.test,1G\nb@x.test,much', 3, 'quota: expected a size'],
  ['email,enabled\na@x.test,perhaps', 2, 'enabled: expected yes or no'],
  ['email,forward_to\na@x.test,nowhere', 2, 'forward_to: expected addresses'],
  ['email,message_rate\na@x.test,0/day', 2, 'message_rate: expected'],
  ['email\na@x.test\nA@X.test', 3, 'in line 2 already'],
  ['email\na@x.test,more', 2, 'more cells than columns'],
])('%j has a mistake in line %i', (file, line, text) => {
  const read = readUserTable(file, all)
  expect(read.kind === 'read' && read.mistakes).toMatchObject([{ line, text: expect.stringContaining(text) }])
})

test.each([
  ['', 'has to be email'],
  ['name\nAnn', 'has to be email'],
  ['email,email\na@x.test,b', 'twice'],
  ['email,__proto__\na@x.test,b', 'no column “__proto__”'],
  ['email,constructor\na@x.test,b', 'no column'],
  ['email\n"a@x.test', 'A quote is not closed'],
  ['email\na@x.test\nb@x.test\nc@x.test', 'More than 2 users'],
  [`email\n${'\n'.repeat(200)}`, 'More than 2 users'],
  [`email\na@x.test${','.repeat(200)}`, 'More than 2 users'],
])('%j is read no further', (file, text) => {
  expect(readUserTable(file, { mayAll: true, mostRows: 2 })).toMatchObject({
    kind: 'unreadable',
    text: expect.stringContaining(text),
  })
})

test.each(['message_rate', 'global_admin'])('%s is no column of a manager', (name) => {
  expect(readUserTable(`email,${name}\na@x.test,x`, { ...all, mayAll: false }).kind).toBe('unreadable')
  expect(tableHead(false)).not.toContain(name)
})

test('what is written is read again, formulas too', () => {
  const [row] = readRows(`email,comment,displayed_name\na@x.test,"=1+1","+49 30, Ann"\n`)
  expect(row?.settings).toEqual({ comment: '=1+1', displayedName: '+49 30, Ann' })
  const settings = {
    displayedName: '@SUM(1)',
    quotaBytes: 1_234_567_890,
    enabled: true,
    enableImap: false,
    enablePop: true,
    allowSpoofing: false,
    forwardDestination: [],
    forwardEnabled: false,
    forwardKeep: true,
    mustChangePassword: false,
    timeZone: 'Europe/Berlin',
    messageRate: { count: 5, seconds: 7200 },
    globalAdmin: false,
    comment: '=HYPERLINK("http://evil.example")',
  } as const
  const address = row?.address
  if (address === undefined) throw new Error('no row')
  const file = tableHead(true) + tableLine({ ...settings, address }, true)
  expect(file).not.toMatch(/[,"](?:=|@SUM)/)
  const [again] = readRows(file)
  expect({ ...again?.settings, forwardDestination: [], forwardEnabled: false }).toEqual(settings)
})

function readRows(file: string) {
  const read = readUserTable(file, all)
  if (read.kind !== 'read' || read.mistakes.length > 0) throw new Error(JSON.stringify(read))
  return read.rows
}
