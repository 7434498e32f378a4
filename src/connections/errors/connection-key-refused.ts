import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: a key that begins with dbk_ is unknown to this server, or belongs to a different connection than the path. */
export class ConnectionKeyRefused extends DealbridgeError {
  constructor(why: string, whatToDo = 'Make a new connection key (dealbridge connections keys add) and paste it into the connection.') {
    super({
      status: 401,
      code: 'ConnectionKeyRefused',
      message: `${why} ${whatToDo}`,
    })
  }
}
