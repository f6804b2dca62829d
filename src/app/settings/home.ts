import type { SettingName } from './table.ts'

/** What differs with `npm start`: a server for one machine, that asks for nothing and disturbs nobody. */
export const home: Partial<Record<SettingName, string>> = {
  DATA_DIR: './data',
  BIND_ADDRESS: '127.0.0.1',
  PORT_OFFSET: '8000',
  HOMEPOST_ENV: 'development',
  DOMAIN: 'home.test',
  HOSTNAMES: 'localhost',
  // The one account there is: RFC 5321 §4.5.1 wants somebody to read what is sent to <Postmaster>.
  POSTMASTER: 'admin',
  PORTS: '25,80,110,143,443,465,587,993,995,4190',
  RECIPIENT_DELIMITER: '+',
  ANTIVIRUS_ADDRESS: '127.0.0.1',
}
