import { firstPart } from '../../lib/own-paths.ts'
import { aboutAuthority } from './certificate-part.ts'
import { aboutExternal } from './external-part.ts'
import { home } from './home.ts'
import { aboutFirstPage } from './page-part.ts'
import { isSecret, isSettingName, type SettingName, type Settings, settingNames, table } from './table.ts'
import { neverUsed, notYetUsed } from './unused.ts'

export interface Sources {
  /** `npm start`: the standard values of home.ts come first. */
  readonly home: boolean
  /** config/homepost.env as `parseEnv` reads it; undefined where there is none. */
  readonly file: { readonly name: string; readonly values: Readonly<Record<string, string>> } | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For NAME_FILE. Throws where the file cannot be read. */
  readonly readFile: (path: string) => string
}

type Origin = 'standard' | 'home' | 'file' | 'environment' | 'secret file'

export type ReadSettings =
  | {
      readonly kind: 'settings'
      readonly settings: Settings
      readonly origins: Readonly<Record<SettingName, Origin>>
      readonly remarks: readonly string[]
    }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

/** Standard values < config/homepost.env < environment < NAME_FILE. Every mistake is found, not only the first. */
export function readSettings(sources: Sources): ReadSettings {
  const mistakes: string[] = []
  const read: Partial<Record<SettingName, unknown>> = {}
  const origins: Partial<Record<SettingName, Origin>> = {}
  for (const name of settingNames) {
    const found = textOf(name, sources)
    if (found.kind === 'unreadable') {
      mistakes.push(`${name}_FILE: cannot read ${found.path}: expected a file with the value of ${name}`)
      continue
    }
    const value = table[name].kind.read(found.text)
    if (value === undefined)
      mistakes.push(`${name}: expected ${table[name].kind.expected}${shown(name, found.text)}`)
    else read[name] = value.value
    origins[name] = found.origin
  }
  mistakes.push(...together(read as Partial<Settings>))
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes }
  return {
    kind: 'settings',
    settings: read as Settings,
    origins: origins as Record<SettingName, Origin>,
    remarks: [...remarks(sources), ...unfinished(read as Settings)],
  }
}

type Found =
  | { readonly kind: 'text'; readonly text: string; readonly origin: Origin }
  | { readonly kind: 'unreadable'; readonly path: string }

function textOf(name: SettingName, { home: atHome, file, environment, readFile }: Sources): Found {
  const path = environment[`${name}_FILE`] || file?.values[`${name}_FILE`]
  if (path) {
    try {
      return { kind: 'text', text: readFile(path).trim(), origin: 'secret file' }
    } catch {
      return { kind: 'unreadable', path }
    }
  }
  const candidates: readonly (readonly [Origin, string | undefined])[] = [
    ['environment', environment[name]],
    ['file', file?.values[name]],
    ['home', atHome ? home[name] : undefined],
    ['standard', table[name].standard],
  ]
  for (const [origin, raw] of candidates) {
    const text = raw?.trim()
    // An empty value means "not set", but where empty is a value of its own.
    if (text !== undefined && (text !== '' || table[name].kind.read('') !== undefined)) {
      return { kind: 'text', text, origin }
    }
  }
  return { kind: 'text', text: '', origin: 'standard' }
}

function shown(name: SettingName, text: string): string {
  if (table[name].kind.expected === 'a text') return ''
  return isSecret(name) ? '' : `, found ${JSON.stringify(text.slice(0, 100))}`
}

/** What only shows when several settings are read together. */
function together(values: Partial<Settings>): string[] {
  const mistakes: string[] = []
  const highest = Math.max(993, ...(values.PORTS ?? []))
  const highestOffset = 65_535 - highest
  if ((values.PORT_OFFSET ?? 0) > highestOffset) {
    mistakes.push(`PORT_OFFSET: expected at most ${highestOffset}, because ${highest} is among PORTS`)
  }
  const admin = [values.INITIAL_ADMIN_ACCOUNT, values.INITIAL_ADMIN_DOMAIN, values.INITIAL_ADMIN_PW]
  if (admin.some(Boolean) && !admin.every(Boolean)) {
    mistakes.push('INITIAL_ADMIN_ACCOUNT: expected together with INITIAL_ADMIN_DOMAIN and INITIAL_ADMIN_PW')
  }
  if (values.REAL_IP_HEADER && (values.PROXY_PROTOCOL?.length ?? 0) > 0) {
    mistakes.push('REAL_IP_HEADER: expected nothing where PROXY_PROTOCOL is set')
  }
  const pages = [values.WEB_ADMIN, values.WEB_API].map((path) => firstPart(path ?? ''))
  const hidden = values.WEB_PROXIES?.find(({ path }) => pages.includes(firstPart(path)))
  if (hidden) mistakes.push(`WEB_PROXIES: expected another path than ${hidden.path}, where our own pages are`)
  return [...mistakes, ...aboutAuthority(values), ...aboutExternal(values)]
}

/** A line for each name that has no effect; names in the environment may belong to other programs. */
function remarks({ file, environment }: Sources): string[] {
  const set = { ...environment, ...file?.values }
  const later = notYetUsed.filter((name) => set[name] || set[`${name}_FILE`])
  const unknown = Object.keys(file?.values ?? {}).filter((name) => !isKnown(name))
  return [
    ...(later.length > 0 ? [`not yet used by this version: ${later.join(', ')}`] : []),
    ...unknown.map((name) => `${name}: no setting has this name (in ${file?.name})`),
  ]
}

/** What is allowed, and not yet what somebody wants who means it. */
function unfinished(settings: Settings): string[] {
  const { HOMEPOST_ENV, DOMAIN, API, API_TOKEN = '' } = settings
  return [
    ...(HOMEPOST_ENV === 'production' && DOMAIN.endsWith('.test')
      ? [`DOMAIN is ${DOMAIN}, which nobody else can reach: set DOMAIN and HOSTNAMES to names of your own`]
      : []),
    ...(API && API_TOKEN.length < 4
      ? ['API=true without API_TOKEN of 4 characters or more: only keys open it, see homepost api key add']
      : []),
    ...aboutFirstPage(settings),
  ]
}

function isKnown(name: string): boolean {
  if (isSettingName(name) || notYetUsed.includes(name) || neverUsed.includes(name)) return true
  return name.endsWith('_FILE') && isKnown(name.slice(0, -'_FILE'.length))
}
