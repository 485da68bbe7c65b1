/*
 * A disk that loses power: a file system (FUSE) that keeps everything in memory and tells what was synced from what was not.
 *
 *     forgetful MOUNT-POINT FROM TO SEED
 *
 * It begins with what the folder FROM holds, and says "mounted" when it may be used. When its standard input has a byte, or
 * ends, power is lost: nothing is answered any more, what was durable is written to the folder TO, and the process ends. Its
 * mount stays behind, and fails whatever is asked of it.
 *
 * A file's bytes are durable by fsync, fdatasync or O_DSYNC, a folder's names by fsync of that folder, and by nothing else.
 * Of what was not durable the seed decides what is there afterwards: nothing, some or all. Writes survive one without the
 * other, in any of their sectors, or up to any byte; a folder's changes up to any of them. So src/platform/disk.ts has it,
 * and the simulated disk.
 *
 * It lives for seconds, so it frees little.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, SYNC_MICROSECONDS = 2000 };

/* ---- nodes: what they are, what of that is durable, and what lies between */

struct name {
  char *text;
  struct node *node;
  struct name *next;
};

/* A file's bytes, or a folder's names. */
struct state {
  char *bytes;
  size_t size;
  struct name *names;
};

struct change {
  enum { WRITE, TRUNCATE, RENAME } kind;
  /* WRITE: these bytes at this offset. TRUNCATE: to this size. */
  size_t offset, size;
  char *bytes;
  /* RENAME: `from` is no name any more, `to` is that of the node; a file that is made or removed has but one of them. */
  char *from, *to;
  struct node *node;
  /* Of a rename from one folder to another: the other one, whose change has the same number. Both are durable or neither. */
  struct node *other;
  unsigned long number;
  struct change *next;
};

struct node {
  ino_t number;
  mode_t mode;
  struct state now, durable;
  struct change *changes, **changes_end;
  struct node *made_before;
};

static struct node *root, *last_made;
static unsigned long change_count;
static const char *saved_to;
static struct {
  unsigned unsynced, lost, torn;
} told;

static void *allocate(size_t size) {
  void *memory = calloc(1, size > 0 ? size : 1);
  if (memory == NULL) err(1, "no memory");
  return memory;
}

static char *copy_of(const char *bytes, size_t size) { return memcpy(allocate(size + 1), bytes, size); }

static struct node *make_node(mode_t mode) {
  static ino_t count;
  struct node *node = allocate(sizeof *node);
  node->number = ++count;
  node->mode = mode;
  node->changes_end = &node->changes;
  node->made_before = last_made;
  return last_made = node;
}

static struct name **find(struct state *folder, const char *text) {
  struct name **at = &folder->names;
  while (*at != NULL && strcmp((*at)->text, text) != 0) at = &(*at)->next;
  return at;
}

static void resize(struct state *file, size_t size) {
  if (size > file->size) {
    file->bytes = realloc(file->bytes, size);
    if (file->bytes == NULL) err(1, "no memory");
    memset(file->bytes + file->size, 0, size - file->size);
  }
  file->size = size;
}

static void apply(struct state *state, const struct change *change) {
  struct name **at;
  switch (change->kind) {
    case WRITE:
      if (change->offset + change->size > state->size) resize(state, change->offset + change->size);
      memcpy(state->bytes + change->offset, change->bytes, change->size);
      return;
    case TRUNCATE:
      resize(state, change->size);
      return;
    case RENAME:
      if (change->from != NULL && *(at = find(state, change->from)) != NULL) *at = (*at)->next;
      if (change->to == NULL) return;
      if (*(at = find(state, change->to)) == NULL) {
        *at = allocate(sizeof **at);
        (*at)->text = change->to;
      }
      (*at)->node = change->node;
  }
}

/* Changes what a node is; what of it is durable stays as it is. */
static void make(struct node *node, struct change change) {
  struct change *made = allocate(sizeof *made);
  *made = change;
  if (made->number == 0) made->number = ++change_count;
  apply(&node->now, made);
  *node->changes_end = made;
  node->changes_end = &made->next;
}

/* Takes the oldest change that is not durable off a node; `free_change` is to follow. */
static struct change *take(struct node *node) {
  struct change *change = node->changes;
  node->changes = change->next;
  if (node->changes == NULL) node->changes_end = &node->changes;
  return change;
}

static void free_change(struct change *change) {
  free(change->bytes);
  free(change);
}

/* Makes the changes of a node up to a number durable, with those of other folders that belong to them. */
static void settle(struct node *node, unsigned long number) {
  while (node->changes != NULL && node->changes->number <= number) {
    struct change *change = take(node);
    apply(&node->durable, change);
    if (change->other != NULL) settle(change->other, change->number);
    free_change(change);
  }
}

/* ---- the loss of power */

/* Of changes that were not durable so many of a hundred survive, in whole or in part. */
static long survivors_percent;

static bool chance(long percent) { return random() % 100 < percent; }

static unsigned changes_of(const struct node *node) {
  unsigned count = 0;
  for (const struct change *change = node->changes; change != NULL; change = change->next) count++;
  return count;
}

/* A file system's journal keeps the order of names: each change builds on the one before. */
static void settle_some_names(struct node *folder) {
  if (survivors_percent == 100 && folder->changes != NULL) settle(folder, change_count);
  if (survivors_percent != 50 || folder->changes == NULL) return;
  unsigned kept = random() % (changes_of(folder) + 1);
  const struct change *change = folder->changes;
  for (; kept > 1; kept--) change = change->next;
  if (kept == 1) settle(folder, change->number);
}

static void settle_some_bytes(struct node *file) {
  while (file->changes != NULL) {
    struct change *change = take(file), part = *change;
    struct state *state = &file->durable;
    if (!chance(survivors_percent)) {
      told.lost++;
    } else if (change->kind != WRITE || chance(40)) {
      apply(state, change);
    } else if (told.torn++, chance(50)) {
      part.size = random() % (change->size + 1);
      apply(state, &part);
    } else {
      /* The file may have grown for bytes that never came. */
      if (change->offset + change->size > state->size) resize(state, change->offset + change->size);
      for (size_t done = 0; done < change->size; done += part.size) {
        part.offset = change->offset + done;
        part.bytes = change->bytes + done;
        part.size = SECTOR_BYTES - part.offset % SECTOR_BYTES;
        if (part.size > change->size - done) part.size = change->size - done;
        if (chance(50)) apply(state, &part);
      }
    }
    free_change(change);
  }
}

/* Writes what was durable of a node to the disk below, as `path`. */
static void save(const struct node *node, const char *path) {
  const struct state *durable = &node->durable;
  if (S_ISREG(node->mode)) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, node->mode & 0777);
    if (file < 0 || write(file, durable->bytes, durable->size) != (ssize_t)durable->size || close(file)) err(1, "%s", path);
  } else if (S_ISDIR(node->mode)) {
    if (node != root && mkdir(path, node->mode & 0777) != 0) err(1, "%s", path);
    for (struct name *name = durable->names; name != NULL; name = name->next) {
      char *below;
      if (asprintf(&below, "%s/%s", path, name->text) < 0) err(1, "no memory");
      save(name->node, below);
    }
  } else if (mknod(path, node->mode, 0) != 0)
    err(1, "%s", path);
}

static void lose_power(void) {
  const long moods[] = {0, 50, 50, 100};
  survivors_percent = moods[random() % 4];
  for (struct node *node = last_made; node != NULL; node = node->made_before) told.unsynced += changes_of(node);
  for (struct node *node = last_made; node != NULL; node = node->made_before)
    if (S_ISDIR(node->mode)) settle_some_names(node);
  for (struct node *node = last_made; node != NULL; node = node->made_before)
    if (S_ISREG(node->mode)) settle_some_bytes(node);
    else told.lost += changes_of(node);
  save(root, saved_to);
  printf("%u changes were not synced: %u lost, %u torn\n", told.unsynced, told.lost, told.torn);
  fflush(stdout);
  _exit(0);
}

/* Makes all changes of a node durable. It takes as long as a fast disk does, and power may be lost meanwhile. */
static int sync_node(struct node *node) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  if (ppoll(&input, 1, &(struct timespec){.tv_nsec = SYNC_MICROSECONDS * 1000}, NULL) > 0) lose_power();
  settle(node, change_count);
  return 0;
}

/* Reads a folder of the disk below. */
static struct node *load(const char *path) {
  struct stat stats;
  if (lstat(path, &stats) != 0) err(1, "%s", path);
  struct node *node = make_node(stats.st_mode);
  if (S_ISREG(stats.st_mode)) {
    int file = open(path, O_RDONLY);
    resize(&node->durable, stats.st_size);
    if (file < 0 || read(file, node->durable.bytes, stats.st_size) != stats.st_size || close(file)) err(1, "%s", path);
    resize(&node->now, stats.st_size);
    memcpy(node->now.bytes, node->durable.bytes, stats.st_size);
  } else if (S_ISDIR(stats.st_mode)) {
    DIR *folder = opendir(path);
    if (folder == NULL) err(1, "%s", path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
      char *below;
      if (asprintf(&below, "%s/%s", path, entry->d_name) < 0) err(1, "no memory");
      make(node, (struct change){.kind = RENAME, .to = strdup(entry->d_name), .node = load(below)});
    }
    closedir(folder);
    settle(node, change_count);
  }
  return node;
}

/* ---- what the kernel asks for */

/* The node of a path; NULL when there is none. */
static struct node *node_at(const char *path) {
  struct node *node = root;
  char *rest = strdup(path), *place, *text;
  for (text = strtok_r(rest, "/", &place); text != NULL && node != NULL; text = strtok_r(NULL, "/", &place)) {
    struct name *name = *find(&node->now, text);
    node = name == NULL ? NULL : name->node;
  }
  free(rest);
  return node;
}

static const char *last_of(const char *path) { return strrchr(path, '/') + 1; }

static struct node *folder_of(const char *path) {
  char *folder = copy_of(path, last_of(path) - path);
  struct node *node = node_at(folder);
  free(folder);
  return node;
}

static struct node *opened(const char *path, struct fuse_file_info *info) {
  return info != NULL && info->fh != 0 ? (struct node *)info->fh : node_at(path);
}

static int add(const char *path, mode_t mode, struct fuse_file_info *info) {
  if (node_at(path) != NULL) return -EEXIST;
  struct node *node = make_node(mode);
  make(folder_of(path), (struct change){.kind = RENAME, .to = strdup(last_of(path)), .node = node});
  if (info != NULL) info->fh = (uint64_t)node;
  return 0;
}

static int do_getattr(const char *path, struct stat *stats, struct fuse_file_info *info) {
  struct node *node = opened(path, info);
  if (node == NULL) return -ENOENT;
  *stats = (struct stat){.st_ino = node->number, .st_mode = node->mode, .st_nlink = 1, .st_size = node->now.size};
  return 0;
}

static int do_mknod(const char *path, mode_t mode, dev_t device) {
  (void)device;
  return add(path, mode, NULL);
}

static int do_create(const char *path, mode_t mode, struct fuse_file_info *info) {
  return add(path, S_IFREG | (mode & 07777), info);
}

static int do_mkdir(const char *path, mode_t mode) { return add(path, S_IFDIR | (mode & 07777), NULL); }

static int do_unlink(const char *path) {
  if (node_at(path) == NULL) return -ENOENT;
  make(folder_of(path), (struct change){.kind = RENAME, .from = strdup(last_of(path))});
  return 0;
}

static int do_rmdir(const char *path) {
  struct node *node = node_at(path);
  return node != NULL && node->now.names != NULL ? -ENOTEMPTY : do_unlink(path);
}

static int do_rename(const char *from, const char *to, unsigned flags) {
  struct node *node = node_at(from), *away = folder_of(from), *here = folder_of(to);
  if (node == NULL || here == NULL) return -ENOENT;
  if (flags != 0) return -EINVAL;
  struct change arrival = {.kind = RENAME, .to = strdup(last_of(to)), .node = node, .number = ++change_count};
  struct change departure = {.kind = RENAME, .from = strdup(last_of(from)), .number = change_count};
  if (away == here) {
    arrival.from = departure.from;
    make(here, arrival);
  } else {
    arrival.other = away;
    departure.other = here;
    make(here, arrival);
    make(away, departure);
  }
  return 0;
}

static int do_chmod(const char *path, mode_t mode, struct fuse_file_info *info) {
  opened(path, info)->mode = mode;
  return 0;
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *info) {
  make(opened(path, info), (struct change){.kind = TRUNCATE, .size = size});
  return 0;
}

static int do_open(const char *path, struct fuse_file_info *info) {
  info->fh = (uint64_t)node_at(path);
  return info->fh == 0 ? -ENOENT : 0;
}

static int do_read(const char *path, char *bytes, size_t size, off_t offset, struct fuse_file_info *info) {
  struct state *file = &opened(path, info)->now;
  if ((size_t)offset >= file->size) return 0;
  if (size > file->size - offset) size = file->size - offset;
  memcpy(bytes, file->bytes + offset, size);
  return size;
}

static int do_write(const char *path, const char *bytes, size_t size, off_t offset, struct fuse_file_info *info) {
  struct node *node = opened(path, info);
  make(node, (struct change){.kind = WRITE, .offset = offset, .size = size, .bytes = copy_of(bytes, size)});
  if (info->flags & O_DSYNC) sync_node(node);
  return size;
}

static int do_fsync(const char *path, int only_data, struct fuse_file_info *info) {
  (void)only_data;
  return sync_node(opened(path, info));
}

static int do_readdir(const char *path, void *list, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
                      enum fuse_readdir_flags flags) {
  (void)offset, (void)flags;
  fill(list, ".", NULL, 0, 0);
  fill(list, "..", NULL, 0, 0);
  for (struct name *name = opened(path, info)->now.names; name != NULL; name = name->next)
    fill(list, name->text, &(struct stat){.st_ino = name->node->number, .st_mode = name->node->mode}, 0, 0);
  return 0;
}

static int do_statfs(const char *path, struct statvfs *stats) {
  (void)path;
  *stats = (struct statvfs){.f_bsize = 4096, .f_frsize = 4096, .f_blocks = 1 << 24, .f_bavail = 1 << 24, .f_namemax = 255};
  return 0;
}

static void *do_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  /* What is written comes here at once, and nothing is kept by the kernel as if it were safe. */
  connection->want &= ~FUSE_CAP_WRITEBACK_CACHE;
  config->use_ino = 1;
  config->nullpath_ok = 1;
  config->hard_remove = 1;
  return NULL;
}

static const struct fuse_operations operations = {
    .init = do_init,       .getattr = do_getattr, .mknod = do_mknod,     .create = do_create,     .mkdir = do_mkdir,
    .unlink = do_unlink,   .rmdir = do_rmdir,     .rename = do_rename,   .chmod = do_chmod,       .truncate = do_truncate,
    .open = do_open,       .opendir = do_open,    .read = do_read,       .write = do_write,       .fsync = do_fsync,
    .fsyncdir = do_fsync,  .readdir = do_readdir, .statfs = do_statfs,
};

int main(int count, char **arguments) {
  if (count != 5) errx(2, "usage: forgetful MOUNT-POINT FROM TO SEED");
  umask(0);
  root = load(arguments[2]);
  saved_to = arguments[3];
  srandom(strtoul(arguments[4], NULL, 10));

  char *name = "forgetful";
  struct fuse_args options = FUSE_ARGS_INIT(1, &name);
  struct fuse *fuse = fuse_new(&options, &operations, sizeof operations, NULL);
  if (fuse == NULL || fuse_mount(fuse, arguments[1]) != 0) errx(1, "cannot mount on %s", arguments[1]);
  struct fuse_session *session = fuse_get_session(fuse);
  fcntl(fuse_session_fd(session), F_SETFL, O_NONBLOCK);
  puts("mounted");
  fflush(stdout);

  struct fuse_buf request = {0};
  struct pollfd events[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = fuse_session_fd(session), .events = POLLIN}};
  for (;;) {
    if (poll(events, 2, -1) < 0) err(1, "poll");
    if (events[0].revents != 0) lose_power();
    int received = fuse_session_receive_buf(session, &request);
    if (received == -EAGAIN || received == -EINTR) continue;
    if (received <= 0) errx(1, "somebody has unmounted it");
    fuse_session_process_buf(session, &request);
  }
}
