import type { OldDoor } from '../../../lib/old-server.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
import { type Let, oneLine } from './entrance.ts'
import type { Talk } from './talk.ts'
import { Unusable } from './unusable.ts'

/** Signs in to a POP3 server. RFC 1939 §7, RFC 2595 §4. */
export async function enterPop3(
  talk: Talk,
  door: OldDoor,
  { login, password }: Omit<OldSignIn, 'server'>,
): Promise<Let> {
  if (!isOk(await talk.line())) throw new Unusable('it greets with no +OK')
  if (door.tls === 'starttls') {
    if (!isOk(await answer(talk, 'STLS'))) throw new Unusable('it offers no STLS')
    await talk.startTls()
  }
  if (!isOk(await answer(talk, `USER ${login}`))) return { kind: 'no' }
  const said = await answer(talk, `PASS ${password}`)
  // RFC 2449 §8.1.1, RFC 3206 §4.
  if (/^-ERR \[(?:IN-USE|LOGIN-DELAY|SYS\/TEMP)\]/i.test(said)) return { kind: 'later' }
  return isOk(said) ? { kind: 'yes', said: oneLine(said.slice('+OK '.length)) } : { kind: 'no' }
}

async function answer(talk: Talk, command: string): Promise<string> {
  talk.say(command)
  return await talk.line()
}

const isOk = (line: string) => /^\+OK\b/i.test(line)
