import type { Walk } from '../walker.ts'

const [ALICE, BOB] = [21470311, 21470312]

export const followers: Walk = async (ask) => {
  for (const path of ['deals', 'persons', 'organizations', 'products']) {
    const params = { id: 2 }
    const before = await ask<{ user_id: number }[]>('GET', `/api/v2/${path}/{id}/followers`, { params })
    const user_id = before.some((follower) => follower.user_id === BOB) ? ALICE : BOB
    await ask('POST', `/api/v2/${path}/{id}/followers`, { params, body: { user_id } })
    await ask('GET', `/api/v2/${path}/{id}/followers`, { params, query: { limit: '1' } })
    await ask('DELETE', `/api/v2/${path}/{id}/followers/{follower_id}`, { params: { ...params, follower_id: user_id } })
    await ask('GET', `/api/v2/${path}/{id}/followers/changelog`, { params, query: { limit: '1' } })
    await ask('GET', `/api/v2/${path}/{id}/followers/changelog`, { params })
  }
  await ask('GET', '/api/v2/users/{id}/followers', { params: { id: BOB } })
}
