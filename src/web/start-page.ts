import { html } from 'hono/html'
import { page } from './page.ts'
import type { MailAccess } from './settings.ts'

const purposes = {
  receiving: 'Receiving (IMAP)',
  'receiving by POP3': 'Receiving (POP3)',
  sending: 'Sending (SMTP)',
  filters: 'Filters (ManageSieve)',
} as const

/** Says what this is, and what to type into a mail program. */
export function startPage(server: string, access: readonly MailAccess[]) {
  return page(
    `Mail at ${server}`,
    html`<p>This is a Homepost mail server. It receives, keeps and sends mail for the people who have an
        account here.</p>
      <h2>Set up a mail program</h2>
      <p>Thunderbird and Outlook find these settings by themselves once DNS names this server for your domain. An
        iPhone, iPad or Mac takes them from <a href="/apple.mobileconfig">a profile</a>. For others choose <em>IMAP</em>
        and <em>manual setup</em>, then enter:</p>
      <div class="wide" role="region" aria-label="Servers and ports" tabindex="0">
        <table>
          <caption>Servers and ports</caption>
          <thead>
            <tr><th scope="col">For</th><th scope="col">Server</th><th scope="col">Port</th><th scope="col">Security</th></tr>
          </thead>
          <tbody>
            ${access.map((row) => accessRow(server, row))}
          </tbody>
        </table>
      </div>
      <p>The user name is your whole address, such as <code>name@example.org</code>; the password is that of
        your account, for all of them.</p>
      <p>If the program warns of the server’s certificate, the server made one for itself. Ask the person who runs
        this server before you accept it.</p>
      <h2>No account yet?</h2>
      <p>The person who runs this server can make one for you.</p>`,
  )
}

function accessRow(server: string, { purpose, port, security }: MailAccess) {
  return html`<tr>
              <th scope="row">${purposes[purpose]}</th>
              <td><code>${server}</code></td>
              <td>${port}</td>
              <td>${security}</td>
            </tr>
            `
}
