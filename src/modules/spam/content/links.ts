import { domainToUnicode } from 'node:url'

/** A web or mail address found in a message. */
export interface Link {
  readonly scheme: 'http' | 'https' | 'mailto' | 'ftp' | 'other'
  /** Lower case, in Unicode; '' where there is none. */
  readonly host: string
  readonly path: string
  /** A name before an `@` in front of the host. */
  readonly hasUser: boolean
  readonly port: string
  /** What a person reads in its place, where that is known. */
  readonly label: string | undefined
}

const mostLinks = 1000
const inText = /\b(?:(?:https?|ftp):\/\/|www\.)[^\s<>"'()[\]{}]{3,2000}/gi

/** Links that stand in plain text. */
export function linksInText(text: string): Link[] {
  const links: Link[] = []
  for (const [found] of text.matchAll(inText)) {
    if (links.length >= mostLinks) break
    let end = found.length
    while (end > 0 && '.,;:!?*'.includes(found.charAt(end - 1))) end--
    const url = found.slice(0, end)
    const link = readLink(/^www\./i.test(url) ? `http://${url}` : url, undefined)
    if (link) links.push(link)
  }
  return links
}

const shape = /^([a-z][a-z0-9+.-]{0,20}):(?:\/\/)?([^/?#\\]*)([^#]*)/i

/** Lenient, as browsers are: spammers write what a browser still opens. */
export function readLink(href: string, label: string | undefined): Link | undefined {
  const match = shape.exec(href.replace(/[\t\r\n]/g, ''))
  if (!match) return undefined
  const [, scheme = '', authority = '', path = ''] = match
  const kind = scheme.toLowerCase()
  if (kind === 'mailto')
    return {
      scheme: 'mailto',
      host: hostOf(authority.split('@').at(-1) ?? ''),
      path: '',
      hasUser: false,
      port: '',
      label,
    }
  if (kind !== 'http' && kind !== 'https' && kind !== 'ftp') return undefined
  const at = authority.lastIndexOf('@')
  const [, host = '', port = ''] = /^(.*?)(?::(\d*))?$/s.exec(authority.slice(at + 1)) ?? []
  return { scheme: kind, host: hostOf(host), path, hasUser: at >= 0, port, label }
}

function hostOf(raw: string): string {
  let host = raw.toLowerCase()
  if (host.includes('%')) {
    try {
      host = decodeURIComponent(host)
    } catch {
      // Taken as it stands.
    }
  }
  return (host.includes('xn--') ? domainToUnicode(host) || host : host).replace(/\.$/, '').slice(0, 255)
}
