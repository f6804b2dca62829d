import { type Dirent, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A file that changed one of the programs Mailu is made of. */
export interface Override {
  /** Below `overrides/`. */
  readonly file: string
  /** Where the same is said here. */
  readonly advice: string
}

/** Nobody has more of them. */
const mostFiles = 100

/** What to do with a file, by where it lies. The first that fits counts. */
const advices: readonly (readonly [RegExp, string])[] = [
  [/^postfix\/tls_policy\.map$/, 'copy it to tls_policy.map in the data folder'],
  [/^postfix\/(?:transport|.*relay.*|sasl_passwd.*)\.map$/, 'see homepost route and homepost relay'],
  [/^postfix\//, 'there is no Postfix; homepost config example lists the settings there are'],
  [
    /^nginx\/.*mta-?sts/i,
    'MTA-STS policies are served by themselves, once mta-sts.DOMAIN is one of HOSTNAMES',
  ],
  [
    /^nginx\//,
    'there is no nginx; see WEB_PROXIES, WEBROOT_REDIRECT, REAL_IP_HEADER, PROXY_PROTOCOL and TLS_FLAVOR',
  ],
  [/^dovecot\//, 'there is no Dovecot; its protocols need no tuning here'],
  [/^rspamd\//, 'there is no rspamd; see DNS_LISTS, GREYLISTING and ANTISPAM_URL'],
  [
    /^(?:roundcube|snappymail|rainloop)\//,
    'a webmail is attached by WEB_PROXIES, and keeps its own settings',
  ],
]

/** Files in Mailu's folder `overrides`, which is not there in most installations. */
export function readOverrides(folder: string): Override[] {
  return filesIn(folder)
    .map((path) => relative(folder, path).replaceAll('\\', '/'))
    .toSorted()
    .map((file) => ({
      file,
      advice: advices.find(([where]) => where.test(file))?.[1] ?? 'nothing here reads it',
    }))
}

function filesIn(folder: string, depth = 3): string[] {
  return entriesOf(folder)
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (!entry.isDirectory()) return [path]
      return depth > 1 ? filesIn(path, depth - 1) : []
    })
    .slice(0, mostFiles)
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  } catch {
    return []
  }
}
