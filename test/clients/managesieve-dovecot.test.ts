import { afterAll, beforeAll, expect, test } from 'vitest'
import { OctetPeer } from '../support/loopback.ts'
import { ManageSieveStage } from '../support/managesieve-stage.ts'
import { requireDebian } from './support/debian.ts'
import { type DovecotManageSieve, startDovecotManageSieve } from './support/dovecot-managesieve.ts'

let dovecot: DovecotManageSieve
let stage: ManageSieveStage
beforeAll(async () => {
  await requireDebian('dovecot-managesieved')
  dovecot = await startDovecotManageSieve()
  stage = new ManageSieveStage()
}, 600_000)
afterAll(async () => {
  await dovecot?.end()
  await stage?.end()
})

interface Exchange {
  /** As `OctetPeer` writes it. */
  readonly say: string
  /** Both say this: how it ends, and the octets before that. */
  readonly hear?: string
  /** What Dovecot says, where we do not say the same, and why. */
  readonly dovecot?: string
  readonly why?: string
}

const both = (say: string, hear: string): Exchange => ({ say, hear })
const differs = (say: string, hear: string, dovecot: string, why: string): Exchange => ({
  say,
  hear,
  dovecot,
  why,
})

/** The same conversation with both; texts for people are left away. Sizes as in the stage: 4 scripts, 5,000 octets, 8,000 in all. */
const conversation: readonly Exchange[] = [
  both('NOOP', 'OK'),
  both('noop "a b"', 'OK (TAG "a b")'),
  both('NOOP {3+}\\r\\nabc', 'OK (TAG "abc")'),
  both('NOOP x', 'NO'),
  both('NOOP "x" y', 'NO'),
  both('LISTSCRIPTS', 'OK'),
  both('HAVESPACE "a" 5000', 'OK'),
  both('HAVESPACE "a" 5001', 'NO (QUOTA/MAXSIZE)'),
  both('HAVESPACE "" 1', 'NO'),
  both('HAVESPACE "a"', 'NO'),
  both('HAVESPACE "a" "1"', 'NO'),
  differs('HAVESPACE "a/b" 1', 'OK', 'NO', 'scripts are no files here'),
  both('GETSCRIPT "nope"', 'NO (NONEXISTENT)'),
  both('SETACTIVE "nope"', 'NO (NONEXISTENT)'),
  both('SETACTIVE ""', 'OK'),
  both('DELETESCRIPT "nope"', 'NO (NONEXISTENT)'),
  both('RENAMESCRIPT "nope" "x"', 'NO (NONEXISTENT)'),
  both('PUTSCRIPT "a" {5+}\\r\\nkeep;', 'OK'),
  both('PUTSCRIPT "a" {5}\\r\\nkeep;', 'OK'),
  both('PUTSCRIPT "b" "keep;"', 'OK'),
  both('PUTSCRIPT "bad" "frop;"', 'NO'),
  both('PUTSCRIPT "" "keep;"', 'NO'),
  both('PUTSCRIPT "x\\x01y" "keep;"', 'NO'),
  both('PUTSCRIPT "bü" "keep;"', 'OK'),
  differs('GETSCRIPT "bu\\xcc\\x88"', '{5} keep; OK', 'NO (NONEXISTENT)', 'RFC 5198 §3: names are in NFC'),
  both('PUTSCRIPT "e" ""', 'OK'),
  both('GETSCRIPT "e"', '{0}  OK'),
  both('PUTSCRIPT "f" "keep;"', 'NO (QUOTA/MAXSCRIPTS)'),
  both('HAVESPACE "f" 1', 'NO (QUOTA/MAXSCRIPTS)'),
  both('LISTSCRIPTS', '"a" "b" "bü" "e" OK'),
  both('DELETESCRIPT "e"', 'OK'),
  both('PUTSCRIPT "nul" {6+}\\r\\nkeep;\\0', 'NO'),
  both('PUTSCRIPT "x\\xff" "keep;"', 'NO'),
  both('CHECKSCRIPT "keep;"', 'OK'),
  both('CHECKSCRIPT ""', 'OK'),
  both('CHECKSCRIPT "frop;"', 'NO'),
  both('CHECKSCRIPT "require \\"vnd.dovecot.pipe\\";"', 'NO'),
  both('CHECKSCRIPT "require \\"include\\"; include \\"part\\";"', 'OK (WARNINGS)'),
  both('SETACTIVE "a"', 'OK'),
  both('LISTSCRIPTS', '"a" ACTIVE "b" "bü" OK'),
  both('DELETESCRIPT "a"', 'NO (ACTIVE)'),
  both('RENAMESCRIPT "a" "b"', 'NO (ALREADYEXISTS)'),
  both('RENAMESCRIPT "a" "c"', 'OK'),
  both('LISTSCRIPTS', '"b" "bü" "c" ACTIVE OK'),
  both('RENAMESCRIPT "c" "c"', 'NO (ALREADYEXISTS)'),
  both('RENAMESCRIPT "c" ""', 'NO'),
  both('GETSCRIPT "c"', '{5} keep; OK'),
  both('PUTSCRIPT "c" "discard;"', 'OK'),
  both('GETSCRIPT "c"', '{8} discard; OK'),
  both(`PUTSCRIPT "d" {5001+}\\r\\n${'#'.repeat(5001)}`, 'NO (QUOTA/MAXSIZE)'),
  both(`PUTSCRIPT "d" {4992+}\\r\\n${' '.repeat(4992)}`, 'OK'),
  differs(
    'HAVESPACE "b" 4000',
    'NO (QUOTA)',
    'NO (QUOTA/MAXSTORAGE)',
    'RFC 5804 §1.3 knows MAXSCRIPTS and MAXSIZE',
  ),
  both('SETACTIVE ""', 'OK'),
  both('STARTTLS', 'NO'),
  both('AUTHENTICATE "PLAIN"', 'NO'),
  both('BOGUS', 'NO'),
  differs('UNAUTHENTICATE', 'OK', 'NO', 'RFC 5804 §2.14 recommends it'),
]

test('Dovecot and we answer the same, but for what is said here', async () => {
  const [theirs, ours] = await Promise.all([
    talk(dovecot.port, '\0ann@example.test\0pw'),
    talk(await stage.port(), '\0ann@home.test\0secret'),
  ])
  const shown = conversation.map(({ say }, at) => [say.slice(0, 70), ours[at], theirs[at]])
  const expected = conversation.map(({ say, hear, dovecot: they }) => [say.slice(0, 70), hear, they ?? hear])
  expect(shown).toEqual(expected)
})

async function talk(port: number, credentials: string): Promise<string[]> {
  const peer = await OctetPeer.connect(port, false)
  await answer(peer)
  peer.send(`AUTHENTICATE "PLAIN" "${Buffer.from(credentials).toString('base64')}"`)
  expect(await answer(peer)).toBe('OK')
  const heard: string[] = []
  for (const { say } of conversation) {
    peer.send(say)
    heard.push(await answer(peer))
  }
  peer.destroy()
  return heard
}

/** What comes before the last line, names sorted, and that line without its text. */
async function answer(peer: OctetPeer): Promise<string> {
  const lines: string[] = []
  for (;;) {
    const line = await peer.next()
    const [, ending, literal] = /^((?:OK|NO|BYE)(?: \([^)]*\))?)(?: (?:\{(\d+)\}|".*))?$/.exec(line) ?? []
    if (ending === undefined) {
      if (line === '(closed)') return line
      lines.push(line)
      continue
    }
    for (let left = literal === undefined ? 0 : Number(literal) + 2; left > 0; )
      left -= Buffer.byteLength(await peer.next()) + 2
    const said = lines[0]?.startsWith('{') ? lines : lines.sort()
    return [...said, ending].join(' ')
  }
}
