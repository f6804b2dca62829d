import { join } from 'node:path'

/** Where everything of the two programs lies: signatures can be fetched again, so that no backup holds them. */
export interface ScannerFolder {
  readonly folder: string
  readonly signatures: string
  readonly socket: string
  readonly clamd: string
  readonly freshclam: string
}

export const scannerFolder = (dataDir: string): ScannerFolder => ({
  folder: join(dataDir, 'antivirus'),
  signatures: join(dataDir, 'antivirus', 'signatures'),
  socket: join(dataDir, 'antivirus', 'clamd.sock'),
  clamd: join(dataDir, 'antivirus', 'clamd.conf'),
  freshclam: join(dataDir, 'antivirus', 'freshclam.conf'),
})

/** ClamAV's own standard. */
const leastOctets = 100 * 1024 * 1024

/** `man clamd.conf`. Written anew at every start. */
export function clamdConfiguration(at: ScannerFolder, messageOctets: number): string {
  const longest = Math.max(messageOctets, leastOctets)
  return lines({
    Foreground: 'yes',
    LocalSocket: at.socket,
    LocalSocketMode: '600',
    FixStaleSocket: 'yes',
    DatabaseDirectory: at.signatures,
    TemporaryDirectory: at.folder,
    StreamMaxLength: `${longest}`,
    MaxFileSize: `${longest}`,
    MaxScanSize: `${longest * 4}`,
    // Both sets of signatures at once would take two gigabytes; scans wait some seconds instead.
    ConcurrentDatabaseReload: 'no',
    ExitOnOOM: 'yes',
  })
}

/** `man freshclam.conf` */
export function freshclamConfiguration(at: ScannerFolder): string {
  return lines({
    Foreground: 'yes',
    DatabaseDirectory: at.signatures,
    DatabaseMirror: 'database.clamav.net',
    Checks: '12',
    NotifyClamd: at.clamd,
    // Only looked at where it is started by root, who is to stay who he is: the folder is his.
    DatabaseOwner: 'root',
  })
}

const lines = (values: Readonly<Record<string, string>>): string =>
  `# Written by Homepost at its start.\n${Object.entries(values)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')}`
