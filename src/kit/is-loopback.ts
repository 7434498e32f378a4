import { isIP } from 'node:net'

/** Whether only programs on this machine reach what listens there; `hostname` without the brackets of a URL. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
