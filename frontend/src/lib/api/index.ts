import { httpTransport } from './http'
import type { Shell } from './shell'
import { shellOf } from './shell'
import type { Transport } from './transport'
import type * as T from './types.gen'
import { wailsTransport, windowHost } from './wails'

export type { Shell, Wish } from './shell'
export type { Link, Transport } from './transport'
export type * from './types.gen'

/** Every method the program answers, grouped by subject. Each takes one request and gives one answer or an ApiFault. */
export interface Api {
  signals: {
    list(req: T.PageRequest): Promise<T.SignalPage>
    get(req: T.GetSignal): Promise<T.SignalStory>
  }
  orders: {
    list(req: T.PageRequest): Promise<T.OrderPage>
    cancel(req: T.CancelOrder): Promise<T.Receipt>
    settle(req: T.SettleOrder): Promise<T.Receipt>
  }
  fills: { list(req: T.PageRequest): Promise<T.FillPage> }
  positions: {
    list(req: T.PageRequest): Promise<T.PositionPage>
    close(req: T.ClosePosition): Promise<T.Receipt>
    flatten(req: T.Flatten): Promise<T.FlattenReport>
  }
  kill: {
    get(): Promise<T.TradingState>
    set(req: T.SetKill): Promise<T.TradingState>
    checklist(): Promise<T.Checklist>
  }
  health: { get(): Promise<T.HealthReport> }
  settings: {
    list(): Promise<T.SettingList>
    set(req: T.SetSetting): Promise<T.SettingRow>
    history(req: T.GetSetting): Promise<T.SettingHistory>
  }
  queue: {
    list(req: T.PageRequest): Promise<T.JobPage>
    retry(req: T.JobID): Promise<T.Receipt>
    discard(req: T.JobID): Promise<T.Receipt>
    requeue(req: T.RequeueAlert): Promise<T.Requeued>
  }
  alerts: {
    address(): Promise<T.WebhookAddress>
    reveal(): Promise<T.RevealedKey>
    build(req: T.BuildAlert): Promise<T.AlertText>
    send(req: T.SendAlert): Promise<T.AlertAnswer>
    compareLog(req: T.CompareLog): Promise<T.AlertLog>
  }
  setup: { get(): Promise<T.SetupState> }
  analytics: { overview(req: T.GetOverview): Promise<T.Overview> }
  accounts: {
    list(): Promise<T.AccountList>
    saveKeys(req: T.SaveKeys): Promise<T.Receipt>
    removeKeys(req: T.AccountID): Promise<T.Receipt>
    add(req: T.AddAccount): Promise<T.Receipt>
    enable(req: T.EnableAccount): Promise<T.Receipt>
    setUp(req: T.SetAccount): Promise<T.Receipt>
    test(req: T.AccountID): Promise<T.AccountChecks>
    canary(req: T.Canary): Promise<T.AccountChecks>
    checklist(req: T.ModeQuestion): Promise<T.Checklist>
    switchMode(req: T.SwitchMode): Promise<T.Receipt>
  }
  strategies: {
    list(): Promise<T.StrategyList>
    save(req: T.SaveStrategy): Promise<T.StrategyRow>
    delete(req: T.DeleteStrategy): Promise<T.Receipt>
    preview(req: T.PreviewStrategy): Promise<T.Preview>
  }
  drift: {
    list(): Promise<T.DriftList>
    fix(req: T.FixDrift): Promise<T.Receipt>
  }
  desktop: {
    quitSummary(): Promise<T.QuitSummary>
    leave(req: T.LeaveWindow): Promise<T.Receipt>
    show(): Promise<T.Receipt>
    about(): Promise<T.About>
    update(): Promise<T.UpdateState>
    checkUpdate(): Promise<T.UpdateState>
  }
  support: {
    preview(req: T.AskSupport): Promise<T.SupportBundle>
    save(req: T.AskSupport): Promise<T.SavedSupport>
  }
  webhookKeys: {
    list(): Promise<T.WebhookKeyList>
    create(req: T.CreateWebhookKey): Promise<T.NewWebhookKey>
    update(req: T.UpdateWebhookKey): Promise<T.WebhookKeyRow>
    rotate(req: T.RotateWebhookKey): Promise<T.NewWebhookKey>
    revoke(req: T.WebhookKeyID): Promise<T.WebhookKeyRow>
  }
}

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
    setup: { get: () => call('Setup', 'Get', {}) },
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
