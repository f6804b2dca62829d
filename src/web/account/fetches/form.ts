import type { FetchRow, FetchSettings } from '../../../ports/directory-rows.ts'

/** As it stands in the form. */
export interface FetchForm {
  readonly protocol: 'imap' | 'pop3'
  readonly host: string
  readonly tls: boolean
  readonly port: string
  readonly username: string
  /** One on each line. */
  readonly folders: string
  readonly keep: boolean
  readonly scan: boolean
  readonly invisible: boolean
  readonly comment: string
}

const ports = { imap: [143, 993], pop3: [110, 995] } as const
const mostFolders = 100

/** What is safe: encrypted, and nothing is taken away there. */
export const emptyForm: FetchForm = {
  protocol: 'imap',
  host: '',
  tls: true,
  port: '',
  username: '',
  folders: '',
  keep: true,
  scan: true,
  invisible: false,
  comment: '',
}

export function readFetchForm(field: (name: string) => string): FetchForm {
  const yes = (name: string) => field(name) === 'yes'
  return {
    protocol: field('protocol') === 'pop3' ? 'pop3' : 'imap',
    host: field('host').trim(),
    tls: yes('tls'),
    port: field('port').trim(),
    username: field('username').trim(),
    folders: field('folders'),
    keep: yes('keep'),
    scan: yes('scan'),
    invisible: yes('invisible'),
    comment: field('comment').trim(),
  }
}

/** An empty port is the usual one; one that is no number the directory refuses. */
export function settingsOf(form: FetchForm): Omit<FetchSettings, 'enabled'> {
  const folders = form.folders.split(/[\r\n,]+/).map((folder) => folder.trim())
  return {
    ...form,
    port: Number(form.port || usualPort(form)),
    folders: folders.filter((folder) => folder !== '').slice(0, mostFolders),
  }
}

export const formOfRow = (row: FetchRow): FetchForm => ({
  protocol: row.protocol,
  host: row.host,
  tls: row.tls,
  port: row.port === usualPort(row) ? '' : String(row.port),
  username: row.username,
  folders: row.folders.join('\n'),
  keep: row.keep,
  scan: row.scan,
  invisible: row.invisible,
  comment: row.comment,
})

export function usualPort({ protocol, tls }: Pick<FetchSettings, 'protocol' | 'tls'>): number {
  const [plain, secure] = ports[protocol]
  return tls ? secure : plain
}
