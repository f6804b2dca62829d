import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KeyAndCertificate } from '../../support/loopback.ts'

const run = promisify(execFile)

/** Somebody else's mail server, on loopback, with its files in one folder. */
export interface FarServer {
  readonly port: number
  /** The messages it has taken, as they lie there. */
  messages(): readonly string[]
  stop(): Promise<void>
}

/** Postfix that takes mail for far.test into a maildir, and sends what it has to say to `relay`. */
export async function startPostfix(
  folder: string,
  relay: number,
  shows?: KeyAndCertificate | 'no TLS',
  more: Readonly<Record<string, string>> = {},
): Promise<FarServer> {
  const port = await freePort()
  const etc = join(folder, 'etc')
  for (const sub of ['etc', 'spool', 'data', 'box']) mkdirSync(join(folder, sub), { recursive: true })
  await certified(folder, shows)
  await run('chown', ['postfix', join(folder, 'data')])
  await run('chown', ['mail:mail', join(folder, 'box')])
  chmodSync(folder, 0o755)
  const main = {
    compatibility_level: '3.6',
    myhostname: 'mx.far.test',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    alias_maps: '',
    queue_directory: join(folder, 'spool'),
    data_directory: join(folder, 'data'),
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    virtual_mailbox_domains: 'far.test',
    virtual_mailbox_maps: 'static:all/',
    virtual_mailbox_base: join(folder, 'box'),
    virtual_uid_maps: 'static:8',
    virtual_gid_maps: 'static:8',
    virtual_minimum_uid: '1',
    smtpd_tls_security_level: shows === 'no TLS' ? 'none' : 'may',
    smtpd_tls_cert_file: join(folder, 'cert.pem'),
    smtpd_tls_key_file: join(folder, 'key.pem'),
    smtpd_peername_lookup: 'no',
    smtpd_recipient_restrictions: 'reject_unauth_destination',
    smtpd_relay_restrictions: 'reject_unauth_destination',
    relayhost: `[127.0.0.1]:${relay}`,
    ...more,
  }
  writeFileSync(
    join(etc, 'main.cf'),
    Object.entries(main)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  const services = `127.0.0.1:${port} inet n - n - - smtpd
${['cleanup', 'qmgr', 'tlsmgr', 'verify', 'smtp', 'relay', 'virtual', 'anvil', 'scache', 'error', 'retry'].map(service).join('')}rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
  writeFileSync(join(etc, 'master.cf'), services)
  const child = spawn('/usr/sbin/postfix', ['-c', etc, 'start-fg'], { stdio: 'ignore', detached: true })
  await listening(port, child)
  const stop = async () => {
    // Its master leaves the group that it was started in.
    await run('/usr/sbin/postfix', ['-c', etc, 'stop'])
  }
  return { port, messages: () => textsIn(join(folder, 'box/all/new')), stop }
}

const daemons: Readonly<Record<string, string>> = { relay: 'smtp', retry: 'error' }

/** `cleanup unix n - n - - cleanup`: name, type, private, unprivileged, chroot, wake-up, how many, program. */
function service(name: string): string {
  const isPublic = name === 'qmgr' || name === 'cleanup'
  const limits: Readonly<Record<string, string>> = {
    qmgr: '1',
    tlsmgr: '1',
    verify: '1',
    anvil: '1',
    scache: '1',
    cleanup: '0',
  }
  const wakes = name === 'qmgr' ? '300' : '-'
  return `${name} unix ${isPublic ? 'n' : '-'} ${name === 'virtual' ? 'n' : '-'} n ${wakes} ${limits[name] ?? '-'} ${daemons[name] ?? name}\n`
}

/**
 * Exim beside an installed Postfix: Debian has one or the other, so its package is only unpacked, and the user it wants to be
 * is there for it alone.
 */
export async function startExim(folder: string, shows?: KeyAndCertificate): Promise<FarServer> {
  const port = await freePort()
  for (const sub of ['box', 'spool', 'log']) mkdirSync(join(folder, sub), { recursive: true })
  await run('apt-get', ['download', 'exim4-daemon-light'], { cwd: folder })
  const deb = readdirSync(folder).find((name) => name.endsWith('.deb'))
  await run('dpkg', ['-x', deb ?? '', 'unpacked'], { cwd: folder })
  for (const file of ['passwd', 'group']) copyFileSync(`/etc/${file}`, join(folder, file))
  appendFileSync(join(folder, 'passwd'), `Debian-exim:x:64998:64998::${folder}:/bin/false\n`)
  appendFileSync(join(folder, 'group'), 'Debian-exim:x:64998:\n')
  await certified(folder, shows)
  await run('chown', [
    '-R',
    '64998:64998',
    ...['box', 'spool', 'log', 'key.pem', 'cert.pem'].map((name) => join(folder, name)),
  ])
  chmodSync(folder, 0o755)
  const configuration = `exim_path = ${folder}/unpacked/usr/sbin/exim4
keep_environment =
primary_hostname = mx.exim.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
pipelining_connect_advertise_hosts =
host_lookup =
acl_smtp_rcpt = check
acl_smtp_data = all
never_users =
begin acl
check:
  deny message = Nobody of this name here
       local_parts = nobody
  accept domains = exim.test : far.test
  deny
all:
  accept
begin routers
here:
  driver = accept
  domains = exim.test : far.test
  transport = box
begin transports
box:
  driver = appendfile
  directory = ${folder}/box
  maildir_format
  user = Debian-exim
  group = Debian-exim
begin retry
* * F,1h,5m
`
  writeFileSync(join(folder, 'exim.conf'), configuration)
  const mounts = ['passwd', 'group'].map((file) => `mount --bind ${folder}/${file} /etc/${file}`).join(' && ')
  const command = `${mounts} && exec ${folder}/unpacked/usr/sbin/exim4 -C ${folder}/exim.conf -bdf`
  const child = spawn('unshare', ['-m', 'sh', '-c', command], { stdio: 'ignore', detached: true })
  await listening(port, child)
  // It has left the group that it was started in.
  const stop = async () => {
    const gone = once(child, 'exit')
    process.kill(Number(readFileSync(join(folder, 'spool/pid'), 'utf8')), 'SIGTERM')
    await gone
  }
  return { port, messages: () => textsIn(join(folder, 'box/new')), stop }
}

/** Postfix's own test server, which can be told to misbehave. It counts nothing that is kept. */
export async function startSmtpSink(...options: readonly string[]): Promise<FarServer> {
  const port = await freePort()
  const child = spawn('smtp-sink', ['-u', 'mail', ...options, `127.0.0.1:${port}`, '50'], {
    stdio: 'ignore',
    detached: true,
  })
  await listening(port, child)
  return { port, messages: () => [], stop: () => endGroup(child) }
}

function textsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  } catch {
    // Made with the first message.
    return []
  }
}

async function certified(folder: string, shows: KeyAndCertificate | 'no TLS' | undefined): Promise<void> {
  if (shows === undefined) return await selfSigned(folder)
  if (shows === 'no TLS') return
  writeFileSync(join(folder, 'key.pem'), shows.key, { mode: 0o600 })
  writeFileSync(join(folder, 'cert.pem'), shows.certificate)
}

async function selfSigned(folder: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const out = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  await run('openssl', ['req', '-x509', '-days', '5', '-subj', '/CN=far.test', ...key, ...out])
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

export async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; ) {
    if (child.exitCode !== null) throw new Error(`the other server ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the other server did not listen')
}

/** With all the processes that it has made. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  await gone
}
