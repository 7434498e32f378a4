import { DealbridgeError } from '../../../kit/errors/dealbridge-error.ts'

/** 404: no route has this path. `nearest` are the most similar routes. */
export class RouteNotFound extends DealbridgeError {
  constructor(method: string, path: string, nearest: readonly string[]) {
    const hint = nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : 'GET /swagger.json lists all routes.'
    super({ status: 404, code: 'RouteNotFound', message: `There is no route ${method} ${path.slice(0, 120)}. ${hint}` })
  }
}
