/* A stand-in for libnvidia-ml.so.1, compiled by test_nvml.py and loaded by the real pynvml.
 *
 * FAKE_NVML holds the scenario, read at every call: a machine, then any number of errors,
 * each for one function and, behind an @, for one GPU only:
 *
 *     t4                                  one Tesla T4 that nobody uses
 *     two                                 two Tesla T4, the second nearly full
 *     mig                                 one A100 that is split into slices
 *     none                                a driver without a GPU
 *     t4;nvmlInitWithFlags=18             ... whose driver was updated without a restart
 *     two;nvmlDeviceGetMemoryInfo@0=15    ... whose first GPU is lost
 *     t4;nvmlDeviceGetCount_v2=9004       ... which thinks for 4 seconds, then answers
 *
 * The second GPU of "two" is held by the process that FAKE_NVML_HOLDER names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GIB (1024ull * 1024ull * 1024ull)
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7

typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct {
    unsigned int pid;
    unsigned long long used;
    unsigned int gpu_instance, compute_instance;
} process_t;

/* Handles are pointers that only this library reads. */
static int indices[2] = {0, 1};
#define IS_SLICE(handle) (*(int *)(handle) >= 100)
/* How often it was initialised and not yet shut down. */
static int open_count = 0;

static const char *scenario(void) {
    const char *text = getenv("FAKE_NVML");
    return text ? text : "none";
}

static int machine_is(const char *name) {
    size_t length = strlen(name);
    return strncmp(scenario(), name, length) == 0 && strchr(";", scenario()[length]) != NULL;
}

static int code_behind(const char *key) {
    const char *found = strstr(scenario(), key);
    return found ? atoi(found + strlen(key)) : 0;
}

/* The error that the scenario has for this function, on this GPU (-1: on none). */
static int error_of(const char *function, int index) {
    char key[128];
    int code;
    snprintf(key, sizeof key, ";%s=", function);
    code = code_behind(key);
    if (!code && index >= 0) {
        snprintf(key, sizeof key, ";%s@%d=", function, index);
        code = code_behind(key);
    }
    return code;
}

#define MAY_FAIL(index)                          \
    do {                                         \
        int code = error_of(__func__, (index));  \
        if (code > 9000) sleep(code - 9000);     \
        else if (code) return code;              \
    } while (0)

int nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    MAY_FAIL(-1);
    open_count += 1;
    return 0;
}

int nvmlShutdown(void) {
    open_count -= 1;
    MAY_FAIL(-1);
    return 0;
}

int fake_open_count(void) { return open_count; }

const char *nvmlErrorString(int code) {
    switch (code) {
    case 3: return "Not Supported";
    case 4: return "Insufficient Permissions";
    case 9: return "Driver Not Loaded";
    case 12: return "NVML Shared Library Not Found";
    case 13: return "Function Not Found";
    case 15: return "GPU is lost";
    case 18: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

int nvmlSystemGetDriverVersion(char *version, unsigned int length) {
    MAY_FAIL(-1);
    snprintf(version, length, "570.86.15");
    return 0;
}

int nvmlSystemGetCudaDriverVersion(int *version) {
    MAY_FAIL(-1);
    *version = 12080;
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
    MAY_FAIL(-1);
    *count = machine_is("none") ? 0 : machine_is("two") ? 2 : 1;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) {
    MAY_FAIL((int)index);
    *handle = &indices[index];
    return 0;
}

int nvmlDeviceGetName(void *handle, char *name, unsigned int length) {
    MAY_FAIL(*(int *)handle);
    snprintf(name, length, IS_SLICE(handle)     ? "NVIDIA A100-SXM4-40GB MIG 1g.5gb"
                           : machine_is("mig") ? "NVIDIA A100-SXM4-40GB"
                                               : "Tesla T4");
    return 0;
}

int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory) {
    MAY_FAIL(*(int *)handle);
    memory->total = (IS_SLICE(handle) ? 5 : machine_is("mig") ? 40 : 15) * GIB;
    memory->used = *(int *)handle == 1 ? 12 * GIB : *(int *)handle == 101 ? 3 * GIB : GIB / 4;
    memory->free = memory->total - memory->used;
    return 0;
}

#ifndef OLD_DRIVER
int nvmlDeviceGetMigMode(void *handle, unsigned int *current, unsigned int *pending) {
    MAY_FAIL(*(int *)handle);
    if (!machine_is("mig")) return NOT_SUPPORTED;
    *current = *pending = 1;
    return 0;
}

int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned int *count) {
    MAY_FAIL(*(int *)handle);
    *count = machine_is("mig") ? 7 : 0;
    return 0;
}

/* The slices of "mig" have numbers from 100 on. */
static int slices[2] = {100, 101};

/* The first of the seven places is empty, then there are two slices. */
int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned int index, void **slice) {
    MAY_FAIL(*(int *)handle);
    if (index != 1 && index != 2) return NOT_FOUND;
    *slice = &slices[index - 1];
    return 0;
}
#endif

typedef struct { unsigned int gpu, memory; } utilization_t;

int nvmlDeviceGetUtilizationRates(void *handle, utilization_t *rates) {
    MAY_FAIL(*(int *)handle);
    if (machine_is("mig")) return NOT_SUPPORTED;
    rates->gpu = *(int *)handle == 1 ? 93 : 7;
    rates->memory = 40;
    return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned int *count, process_t *all) {
    const char *holder = getenv("FAKE_NVML_HOLDER");
    MAY_FAIL(*(int *)handle);
    if (*(int *)handle != 1 || !holder) {
        *count = 0;
        return 0;
    }
    if (*count < 1 || !all) {
        *count = 1;
        return INSUFFICIENT_SIZE;
    }
    memset(all, 0, sizeof *all);
    all->pid = (unsigned int)atoi(holder);
    all->used = 12 * GIB;
    *count = 1;
    return 0;
}
