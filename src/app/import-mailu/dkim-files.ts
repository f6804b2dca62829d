import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DomainName, parseDomain } from '../../lib/address.ts'
import type { DkimKeyFile, Finding } from './installation.ts'

/**
 * The keys of `dkim/{domain}.{selector}.key`. A name that could be read in two ways is that of the longest domain of `domains`,
 * because selectors may have dots too.
 */
export function readDkimKeys(
  folder: string,
  domains: ReadonlySet<DomainName>,
): { keys: readonly DkimKeyFile[]; findings: readonly Finding[] } {
  const findings: Finding[] = []
  if (!existsSync(folder)) return { keys: [], findings }
  const files = readdirSync(folder).filter((file) => file.endsWith('.key'))
  const keys = files.sort().flatMap((file): DkimKeyFile[] => {
    const named = nameOf(file.slice(0, -'.key'.length), domains)
    if (named === undefined) {
      findings.push({ what: 'key of nobody', on: file, text: 'no such domain' })
      return []
    }
    const read = readPem(join(folder, file))
    if ('pem' in read) return [{ ...named, pem: read.pem }]
    findings.push({ what: 'key unreadable', on: file, text: read.trouble })
    return []
  })
  return { keys, findings }
}

function nameOf(
  name: string,
  domains: ReadonlySet<DomainName>,
): { domain: DomainName; selector: string } | undefined {
  const labels = name.split('.')
  for (let length = labels.length - 1; length > 0; length--) {
    const domain = parseDomain(labels.slice(0, length).join('.'))
    if (domain !== undefined && domains.has(domain))
      return { domain, selector: labels.slice(length).join('.') }
  }
  return undefined
}

/** PKCS #1 of old versions becomes PKCS #8. */
function readPem(path: string): { readonly pem: string } | { readonly trouble: string } {
  try {
    const pem = createPrivateKey(readFileSync(path)).export({ type: 'pkcs8', format: 'pem' })
    return { pem: String(pem) }
  } catch (cause) {
    const { code = '' } = cause as { code?: string }
    return { trouble: code === 'EACCES' ? 'this user may not read it' : 'it is no private key in PEM' }
  }
}
