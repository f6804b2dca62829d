import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AuthChecks } from '../../../src/ports/mail-authentication.ts'

/** The library of opendmarc, asked as its milter asks it. Takes and gives JSON. */
const program = `
import ctypes, json, socket, struct, sys
asked = json.load(sys.stdin)
lib = ctypes.CDLL("libopendmarc.so.2")
lib.opendmarc_policy_connect_init.restype = ctypes.c_void_p
class Library(ctypes.Structure):
    _fields_ = [("tld_type", ctypes.c_int), ("tld_file", ctypes.c_char * 4096),
        ("nscount", ctypes.c_int), ("servers", ctypes.c_ubyte * 48)]
server = struct.pack("<H", socket.AF_INET) + struct.pack(">H", asked["port"]) + socket.inet_aton("127.0.0.1") + bytes(8)
library = Library(1, asked["suffixes"].encode(), 1, (ctypes.c_ubyte * 48)(*server))
lib.opendmarc_policy_library_init(ctypes.byref(library))
out = []
for each in asked["messages"]:
    author, spf = each["author"].encode(), each["spf"]
    about = ctypes.c_void_p(lib.opendmarc_policy_connect_init(b"192.0.2.9", 0))
    lib.opendmarc_policy_store_from_domain(about, author)
    lib.opendmarc_policy_store_spf(about, spf["domain"].encode(), spf["outcome"], spf["origin"], None)
    for one in each["dkim"]:
        lib.opendmarc_policy_store_dkim(about, one["domain"].encode(), one["selector"].encode(), one["outcome"], None)
    found = lib.opendmarc_policy_query_dmarc(about, author)
    out.append([found, lib.opendmarc_get_policy_to_enforce(about)])
    lib.opendmarc_policy_connect_shutdown(about)
json.dump(out, sys.stdout)
`

/** What it makes of a message, as we say it. */
export type DmarcSaid =
  | 'none'
  | 'pass'
  | 'permerror'
  | 'temperror'
  | `fail ${'none' | 'quarantine' | 'reject'}`

/** Its numbers: of what became of the question, and of what is to be done. */
const records: Readonly<Record<number, DmarcSaid>> = {
  3: 'permerror',
  4: 'permerror',
  5: 'permerror',
  11: 'temperror',
}
const policies: Readonly<Record<number, DmarcSaid>> = {
  14: 'none',
  15: 'pass',
  16: 'fail reject',
  17: 'fail quarantine',
  18: 'fail none',
}

const outcome = (result: string): number => ({ none: 0, neutral: 0, pass: 1, temperror: 3 })[result] ?? 2

/** DMARC of messages whose SPF and DKIM are known, as a milter before it would have written them down. */
export async function opendmarcSays(
  port: number,
  messages: readonly (Pick<AuthChecks, 'spf' | 'dkim'> & { readonly author: string })[],
): Promise<readonly DmarcSaid[]> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-opendmarc-'))
  try {
    const suffixes = join(folder, 'suffixes')
    writeFileSync(suffixes, 'test\n')
    const asked = messages.map(({ author, spf, dkim }) => ({
      author,
      spf: { domain: spf.domain, outcome: outcome(spf.result), origin: spf.identity === 'helo' ? 1 : 0 },
      dkim: dkim.map((one) => ({ ...one, outcome: outcome(one.result) })),
    }))
    const child = promisify(execFile)('/usr/bin/python3', ['-c', program], { timeout: 120_000 })
    child.child.stdin?.end(JSON.stringify({ port, suffixes, messages: asked }))
    const said = JSON.parse((await child).stdout) as [number, number][]
    return said.map(([found, policy]) => records[found] ?? policies[policy] ?? 'none')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
