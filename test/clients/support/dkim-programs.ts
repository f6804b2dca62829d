import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const much = { maxBuffer: 256 * 1024 * 1024 }

/** `name TEXT` of every key, by its name in DNS. */
export type PublicKeys = ReadonlyMap<string, string>

/** What a verifier says of each signature of a message, in the order of the header. */
export type Said = readonly ('pass' | 'fail')[]

/** dkimpy, with names from us. Takes and gives JSON. */
const dkimpy = `
import base64, json, sys, dkim
asked = json.load(sys.stdin)
def dns(name, timeout=5):
    text = asked["keys"].get((name.decode() if isinstance(name, bytes) else name).rstrip("."))
    return text.encode() if text else None
def verify(message):
    said = []
    for index in range(message.lower().count(b"dkim-signature:")):
        try:
            said.append("pass" if dkim.DKIM(message).verify(idx=index, dnsfunc=dns) else "fail")
        except Exception:
            said.append("fail")
    return said
def chain(message):
    try:
        return dkim.arc_verify(message, dnsfunc=dns)[0].decode()
    except Exception as trouble:
        return "error: %s" % trouble
def sign(message, by):
    c = tuple(part.encode() for part in by["canonical"].split("/"))
    return dkim.sign(message, by["selector"].encode(), by["domain"].encode(), by["key"].encode(),
        canonicalize=c, signature_algorithm=by["algorithm"].encode()) + message
def seal(message, by):
    fields = dkim.arc_sign(message, by["selector"].encode(), by["domain"].encode(), by["key"].encode(), b"mx.home.test")
    return b"".join(fields) + message
out = []
for each in asked["messages"]:
    message = base64.b64decode(each)
    if asked["what"] == "verify": out.append(verify(message))
    elif asked["what"] == "chain": out.append(chain(message))
    else:
        made = (sign if asked["what"] == "sign" else seal)(message, asked["by"])
        out.append(base64.b64encode(made).decode())
json.dump(out, sys.stdout)
`

interface SignsBy {
  readonly domain: string
  readonly selector: string
  /** PEM of RSA, PKCS #1; base64 of the seed of Ed25519. */
  readonly key: string
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256'
  readonly canonical: string
}

async function askDkimpy(asked: object): Promise<unknown> {
  const child = run('/usr/bin/python3', ['-c', dkimpy], much)
  child.child.stdin?.end(JSON.stringify(asked))
  return JSON.parse((await child).stdout)
}

const packed = (messages: readonly string[]) =>
  messages.map((message) => Buffer.from(message, 'latin1').toString('base64'))
const unpacked = (messages: readonly string[]) =>
  messages.map((message) => Buffer.from(message, 'base64').toString('latin1'))

export async function dkimpyVerifies(
  messages: readonly string[],
  keys: PublicKeys,
): Promise<readonly Said[]> {
  const asked = { what: 'verify', messages: packed(messages), keys: Object.fromEntries(keys) }
  return (await askDkimpy(asked)) as Said[]
}

export async function dkimpyChain(messages: readonly string[], keys: PublicKeys): Promise<readonly string[]> {
  const asked = { what: 'chain', messages: packed(messages), keys: Object.fromEntries(keys) }
  return (await askDkimpy(asked)) as string[]
}

export async function dkimpyMakes(
  what: 'sign' | 'seal',
  messages: readonly string[],
  by: SignsBy,
  keys: PublicKeys,
): Promise<readonly string[]> {
  const asked = { what, messages: packed(messages), by, keys: Object.fromEntries(keys) }
  return unpacked((await askDkimpy(asked)) as string[])
}

/** opendkim reads messages from files, and says what it would add. */
export async function opendkimVerifies(
  messages: readonly string[],
  keys: PublicKeys,
): Promise<readonly Said[]> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-opendkim-'))
  try {
    writeFileSync(join(folder, 'keys'), [...keys].map((pair) => `${pair.join(' ')}\n`).join(''))
    writeFileSync(
      join(folder, 'conf'),
      `Mode v\nSyslog no\nTestPublicKeys ${folder}/keys\nMaximumSignaturesToVerify 8\n`,
    )
    const said: Said[] = []
    for (const [index, message] of messages.entries()) {
      const file = join(folder, `${index}.eml`)
      writeFileSync(file, message, 'latin1')
      const { stdout } = await run('opendkim', ['-x', join(folder, 'conf'), '-t', file, '-vv'], much).catch(
        (cause: { stdout?: string }) => ({ stdout: cause.stdout ?? '' }),
      )
      said.push(
        [...stdout.matchAll(/\tdkim=(\w+)/g)].map(([, result]) => (result === 'pass' ? 'pass' : 'fail')),
      )
    }
    return said
  } finally {
    rmSync(folder, { recursive: true })
  }
}
