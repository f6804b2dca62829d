import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Address } from '../../lib/address.ts'
import { scriptName } from '../../lib/script-name.ts'
import type { Finding, ScriptFile } from './installation.ts'

/** Pigeonhole’s largest. */
const mostBytes = 1_048_576
const ending = '.sieve'
/** Where `.dovecot.sieve` is no link, this is its name. */
const unnamed = 'dovecot'

interface ScriptFiles {
  readonly scripts: readonly ScriptFile[]
  readonly findings: readonly Finding[]
}

/** The scripts of `mail/{address}/sieve/{name}.sieve`; `mail/{address}/.dovecot.sieve` leads to the active one. */
export function readScripts(folder: string, users: readonly Address[]): ScriptFiles {
  const findings: Finding[] = []
  if (!existsSync(folder)) return { scripts: [], findings }
  const scripts = users.flatMap((user) => scriptsOf(user, join(folder, user), findings))
  return { scripts, findings }
}

function scriptsOf(user: Address, home: string, findings: Finding[]): ScriptFile[] {
  const lost = (on: string, text: string) => findings.push({ what: 'script unreadable', on, text })
  const found: ScriptFile[] = []
  const active = activeOf(home)
  const take = (written: string, path: string, isActive: boolean) => {
    const read = readText(path)
    const name = scriptName(written)
    if (name === undefined) lost(`${user} ${written}`, 'its name cannot be kept')
    else if ('text' in read) found.push({ user, name, text: read.text, active: isActive })
    else lost(`${user} ${name}`, read.trouble)
  }
  const folder = join(home, 'sieve')
  for (const file of namesIn(folder, (text) => lost(`${user} sieve/`, text))) {
    const name = file.slice(0, -ending.length)
    take(name, join(folder, file), name === active)
  }
  if (active === unnamed && !found.some((script) => script.name === unnamed))
    take(unnamed, join(home, '.dovecot.sieve'), true)
  return found
}

function namesIn(folder: string, onTrouble: (text: string) => void): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(ending) && file.length > ending.length)
      .sort()
  } catch (cause) {
    const { code = '' } = cause as { code?: string }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onTrouble(troubleOf(code))
    return []
  }
}

function activeOf(home: string): string | undefined {
  const link = join(home, '.dovecot.sieve')
  try {
    if (!lstatSync(link).isSymbolicLink()) return unnamed
    const target = basename(readlinkSync(link))
    return target.endsWith(ending) ? target.slice(0, -ending.length) : undefined
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(path: string): { readonly text: string } | { readonly trouble: string } {
  try {
    const { size } = statSync(path)
    if (size > mostBytes)
      return { trouble: `it has ${size} octets; ${mostBytes} are the most that can be kept` }
    return { text: utf8.decode(readFileSync(path)) }
  } catch (cause) {
    if (cause instanceof TypeError) return { trouble: 'it is not in UTF-8' }
    return { trouble: troubleOf((cause as { code?: string }).code ?? '') }
  }
}

const troubleOf = (code: string) =>
  code === 'EACCES' || code === 'EPERM' ? 'this user may not read it' : `it cannot be read (${code})`
