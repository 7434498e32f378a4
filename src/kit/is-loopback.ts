import { isIP } from 'node:net'

/** Whether only programs on this machine can reach a server that listens there; `hostname` without the brackets of a URL. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
