import type { Api } from './api'
import { httpTransport } from './http'
import type { Shell } from './shell'
import { shellOf } from './shell'
import type { Transport } from './transport'
import type * as T from './types.gen'
import { wailsTransport, windowHost } from './wails'

export type { Api } from './api'
export type { Shell, Wish } from './shell'
export type { Link, Transport } from './transport'
export type * from './types.gen'

/** An api together with its hints. */
export interface Backend {
  api: Api
  listen: Transport['listen']
  /** The window around the page; undefined in a browser. */
  shell?: Shell
}

export function backendOver({ call, listen }: Transport, shell?: Shell): Backend {
  const api: Api = {
    signals: {
      list: (req) => call('Signals', 'List', req),
      get: (req) => call('Signals', 'Get', req),
    },
    orders: {
      list: (req) => call('Orders', 'List', req),
      cancel: (req) => call('Orders', 'Cancel', req),
      settle: (req) => call('Orders', 'Settle', req),
    },
    fills: { list: (req) => call('Fills', 'List', req) },
    positions: {
      list: (req) => call('Positions', 'List', req),
      close: (req) => call('Positions', 'Close', req),
      flatten: (req) => call('Positions', 'Flatten', req),
    },
    kill: {
      get: () => call('Kill', 'Get', {}),
      set: (req) => call('Kill', 'Set', req),
      checklist: () => call('Kill', 'Checklist', {}),
    },
    health: { get: () => call('Health', 'Get', {}) },
    settings: {
      list: () => call('Settings', 'List', {}),
      set: (req) => call('Settings', 'Set', req),
      history: (req) => call('Settings', 'History', req),
    },
    queue: {
      list: (req) => call('Queue', 'List', req),
      retry: (req) => call('Queue', 'Retry', req),
      discard: (req) => call('Queue', 'Discard', req),
      requeue: (req) => call('Queue', 'Requeue', req),
    },
    alerts: {
      address: () => call('Alerts', 'Address', {}),
      reveal: () => call('Alerts', 'Reveal', {}),
      build: (req) => call('Alerts', 'Build', req),
      send: (req) => call('Alerts', 'Send', req),
      compareLog: (req) => call('Alerts', 'CompareLog', req),
    },
    setup: {
      get: () => call('Setup', 'Get', {}),
      accept: (req) => call('Setup', 'Accept', req),
      finish: () => call('Setup', 'Finish', {}),
      putOff: () => call('Setup', 'PutOff', {}),
    },
    analytics: { overview: (req) => call('Analytics', 'Overview', req) },
    accounts: {
      list: () => call('Accounts', 'List', {}),
      saveKeys: (req) => call('Accounts', 'SaveKeys', req),
      removeKeys: (req) => call('Accounts', 'RemoveKeys', req),
      add: (req) => call('Accounts', 'Add', req),
      enable: (req) => call('Accounts', 'Enable', req),
      setUp: (req) => call('Accounts', 'SetUp', req),
      test: (req) => call('Accounts', 'Test', req),
      canary: (req) => call('Accounts', 'Canary', req),
      checklist: (req) => call('Accounts', 'Checklist', req),
      switchMode: (req) => call('Accounts', 'SwitchMode', req),
    },
    strategies: {
      list: () => call('Strategies', 'List', {}),
      save: (req) => call('Strategies', 'Save', req),
      delete: (req) => call('Strategies', 'Delete', req),
      preview: (req) => call('Strategies', 'Preview', req),
    },
    drift: {
      list: () => call('Drift', 'List', {}),
      fix: (req) => call('Drift', 'Fix', req),
    },
    desktop: {
      quitSummary: () => call('Desktop', 'QuitSummary', {}),
      leave: (req) => call('Desktop', 'Leave', req),
      show: () => call('Desktop', 'Show', {}),
      about: () => call('Desktop', 'About', {}),
      update: () => call('Desktop', 'Update', {}),
      checkUpdate: () => call('Desktop', 'CheckUpdate', {}),
    },
    support: {
      preview: (req) => call('Support', 'Preview', req),
      save: (req) => call('Support', 'Save', req),
    },
    webhookKeys: {
      list: () => call('WebhookKeys', 'List', {}),
      create: (req) => call('WebhookKeys', 'Create', req),
      update: (req) => call('WebhookKeys', 'Update', req),
      rotate: (req) => call('WebhookKeys', 'Rotate', req),
      revoke: (req) => call('WebhookKeys', 'Revoke', req),
    },
    audit: {
      list: (req) => call('Audit', 'List', req),
      get: (req) => call('Audit', 'Get', req),
      verify: () => call('Audit', 'Verify', {}),
      export: (req) => call('Audit', 'Export', req),
    },
    alarms: {
      list: (req) => call('Alarms', 'List', req),
      acknowledge: (req) => call('Alarms', 'Acknowledge', req),
      test: () => call('Alarms', 'Test', {}),
    },
    sessions: {
      list: () => call('Sessions', 'List', {}),
      revoke: (req) => call('Sessions', 'Revoke', req),
      revokeOthers: () => call('Sessions', 'RevokeOthers', {}),
      rotateKey: () => call('Sessions', 'RotateKey', {}),
    },
    secrets: {
      list: () => call('Secrets', 'List', {}),
      set: (req) => call('Secrets', 'Set', req),
      delete: (req) => call('Secrets', 'Delete', req),
      lock: () => call('Secrets', 'Lock', {}),
      unlock: (req) => call('Secrets', 'Unlock', req),
      seal: (req) => call('Secrets', 'Seal', req),
      rotate: (req) => call('Secrets', 'Rotate', req),
      export: (req) => call('Secrets', 'Export', req),
      import: (req) => call('Secrets', 'Import', req),
    },
    tokens: {
      list: () => call('Tokens', 'List', {}),
      create: (req) => call('Tokens', 'Create', req),
      revoke: (req) => call('Tokens', 'Revoke', req),
    },
    tunnel: {
      get: () => call('Tunnel', 'Get', {}),
      confirm: (req) => call('Tunnel', 'Confirm', req),
      trustHost: (req) => call('Tunnel', 'TrustHost', req),
      forgetHost: () => call('Tunnel', 'ForgetHost', {}),
      retry: () => call('Tunnel', 'Retry', {}),
    },
    telegram: {
      get: () => call('Telegram', 'Get', {}),
      pair: (req) => call('Telegram', 'Pair', req),
      withdraw: () => call('Telegram', 'Withdraw', {}),
      setRole: (req) => call('Telegram', 'SetRole', req),
      remove: (req) => call('Telegram', 'Remove', req),
      log: (req) => call('Telegram', 'Log', req),
      test: () => call('Telegram', 'Test', {}),
      setUpAuthenticator: () => call('Telegram', 'SetUpAuthenticator', {}),
      uploads: (req) => call('Telegram', 'Uploads', req),
      open: (req) => call('Telegram', 'Open', req),
      drop: (req) => call('Telegram', 'Drop', req),
    },
  }
  return { api, listen, shell }
}

/** The backend of this page: the window's bindings when they are there, HTTP otherwise. */
export function openBackend(): Backend {
  const host = windowHost()
  return host ? backendOver(wailsTransport(host), shellOf(host)) : backendOver(httpTransport())
}

/** Asks for the newest page of a list; name only what should differ. */
export function pageRequest(req: { limit?: number; cursor?: string; filter?: Partial<T.Filter> } = {}): T.PageRequest {
  return {
    limit: req.limit ?? 50,
    cursor: req.cursor ?? '',
    filter: { exchange: '', symbol: '', status: '', requestId: '', side: '', openOnly: false, ...req.filter },
  }
}
