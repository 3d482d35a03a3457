//go:build proof

#include <stddef.h>
#include <string.h>
#include "shim.h"
#include "_cgo_export.h"

enum { EV_OPEN = 1, EV_WRITE, EV_TRUNCATE, EV_SYNC, EV_DELETE, EV_LOCK };

#define SQLITE_OK 0
#define SQLITE_FULL 13
#define SHORT_WRITE (-1)

static sqlite3_vfs *under;
static sqlite3_vfs layer;

typedef struct {
  sqlite3_file base;
  const char *name; /* lives until xClose, says the engine; 0 for files without a name */
} watched;

#define REAL(f) ((sqlite3_file*)(((watched*)(f)) + 1))

static int ask(sqlite3_file *f, int kind, const void *data, int n, i64 at) {
  const char *name = ((watched*)f)->name;
  return name ? proofEvent(kind, (char*)name, (void*)data, n, at) : SQLITE_OK;
}

static int layerClose(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int layerRead(sqlite3_file *f, void *b, int n, i64 at) { return REAL(f)->pMethods->xRead(REAL(f), b, n, at); }

static int layerWrite(sqlite3_file *f, const void *b, int n, i64 at) {
  int rc = ask(f, EV_WRITE, b, n, at);
  if (rc == SHORT_WRITE) {
    rc = REAL(f)->pMethods->xWrite(REAL(f), b, n / 2, at);
    return rc ? rc : SQLITE_FULL;
  }
  return rc ? rc : REAL(f)->pMethods->xWrite(REAL(f), b, n, at);
}

static int layerTruncate(sqlite3_file *f, i64 size) {
  int rc = ask(f, EV_TRUNCATE, 0, 0, size);
  return rc ? rc : REAL(f)->pMethods->xTruncate(REAL(f), size);
}

static int layerSync(sqlite3_file *f, int flags) {
  int rc = ask(f, EV_SYNC, 0, 0, 0);
  return rc ? rc : REAL(f)->pMethods->xSync(REAL(f), flags);
}

static int layerFileSize(sqlite3_file *f, i64 *n) { return REAL(f)->pMethods->xFileSize(REAL(f), n); }

static int layerLock(sqlite3_file *f, int how) {
  int rc = ask(f, EV_LOCK, 0, 0, how);
  return rc ? rc : REAL(f)->pMethods->xLock(REAL(f), how);
}

static int layerUnlock(sqlite3_file *f, int how) { return REAL(f)->pMethods->xUnlock(REAL(f), how); }
static int layerReserved(sqlite3_file *f, int *out) { return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out); }
static int layerControl(sqlite3_file *f, int op, void *arg) { return REAL(f)->pMethods->xFileControl(REAL(f), op, arg); }
static int layerSector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int layerTraits(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }

static int layerShmMap(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
  return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}

#define SQLITE_SHM_LOCK 2

static int layerShmLock(sqlite3_file *f, int at, int n, int flags) {
  int rc = (flags & SQLITE_SHM_LOCK) ? ask(f, EV_LOCK, 0, 0, 100 + at) : SQLITE_OK;
  return rc ? rc : REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}

static void layerShmBarrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int layerShmUnmap(sqlite3_file *f, int gone) { return REAL(f)->pMethods->xShmUnmap(REAL(f), gone); }

static const sqlite3_io_methods methods = {
  2, layerClose, layerRead, layerWrite, layerTruncate, layerSync, layerFileSize, layerLock, layerUnlock, layerReserved,
  layerControl, layerSector, layerTraits, layerShmMap, layerShmLock, layerShmBarrier, layerShmUnmap,
};

static int layerOpen(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
  watched *w = (watched*)f;
  (void)v;
  f->pMethods = 0;
  w->name = name;
  int rc = ask(f, EV_OPEN, 0, 0, flags);
  if (rc == SQLITE_OK) rc = under->xOpen(under, name, REAL(f), flags, out);
  if (REAL(f)->pMethods && rc == SQLITE_OK) f->pMethods = &methods;
  return rc;
}

static int layerDelete(sqlite3_vfs *v, const char *name, int syncDir) {
  (void)v;
  int rc = proofEvent(EV_DELETE, (char*)name, 0, 0, syncDir);
  return rc ? rc : under->xDelete(under, name, syncDir);
}

int proof_install(void) {
  if (!sqlite3_vfs_find || !sqlite3_vfs_register) return 1;
  under = sqlite3_vfs_find(0);
  if (!under) return 1;
  /* Only as much of it as its version has is read by the engine. */
  size_t size = offsetof(sqlite3_vfs, more) + (under->iVersion >= 3 ? 14 : under->iVersion == 2 ? 11 : 10) * sizeof(void*);
  memcpy(&layer, under, size);
  layer.szOsFile = (int)sizeof(watched) + under->szOsFile;
  layer.zName = "proof";
  layer.pNext = 0;
  layer.xOpen = layerOpen;
  layer.xDelete = layerDelete;
  return sqlite3_vfs_register(&layer, 1);
}
