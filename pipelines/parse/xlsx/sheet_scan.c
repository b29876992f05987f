// The rows of a sheet's XML as codes: for each cell its row, its column, and the number of its content among the
// distinct contents. The content is everything between the cell's reference and its end, so that what it means
// (number, style, text, formula) is decided elsewhere, once for each distinct content.
//
// Only the order of tags and attributes that programs write is accepted: rows with numbers that grow, cells with
// references that grow, nothing between them but blanks. Everything else is "not plain", and is read elsewhere.
//
// Invariants: every array is static and has a limit that is checked before it is written; the input is followed by
// PADDING bytes of zero, so that a vector load or a comparison of a word may begin at its last byte.
#include <stdint.h>
#include <wasm_simd128.h>

#define PADDING 16
#define INPUT_BYTES (8u << 20)
#define CELLS (1u << 19)
#define KEPT_ENTRIES (1u << 18)
#define ENTRIES (KEPT_ENTRIES + CELLS)
#define KEPT_BYTES (8u << 20)
#define ARENA_BYTES (KEPT_BYTES + INPUT_BYTES)
#define SLOTS (1u << 21)
#define FIRST_SLOTS (1u << 12)
#define MOST_PROBES 64u
#define LAST_ROW 1048576u
#define LAST_COLUMN 16384u

static uint8_t input[INPUT_BYTES + PADDING];
static uint32_t cell_row[CELLS], cell_column[CELLS], cell_code[CELLS], row_number[CELLS];
// Contents of entry i: arena[entry_end[i - 1]] to arena[entry_end[i]].
static uint8_t arena[ARENA_BYTES + PADDING];
static uint32_t entry_end[ENTRIES];
static uint64_t entry_hash[ENTRIES];
// Entry number + 1; 0 is a free slot. At most half of the slots are taken, except of the last size.
static uint32_t slots[SLOTS];
static uint32_t mask = FIRST_SLOTS - 1, entries, rows, cells;
static uint64_t seed;

static uint64_t word(const uint8_t *at) {
    uint64_t found;
    __builtin_memcpy(&found, at, 8);
    return found;
}

static uint64_t mixed(uint64_t left, uint64_t right) {
    uint64_t found = (left ^ (right * 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;
    return found ^ (found >> 32);
}

// Reads up to 7 bytes beyond the content, and does not use them.
static uint64_t hash_of(const uint8_t *at, uint32_t length) {
    uint64_t found = seed ^ length;
    for (; length >= 8; at += 8, length -= 8) found = mixed(found, word(at));
    return length ? mixed(found, word(at) << (64 - 8 * length)) : found;
}

static int equal(const uint8_t *left, const uint8_t *right, uint32_t length) {
    for (; length >= 16; left += 16, right += 16, length -= 16)
        if (!wasm_i8x16_all_true(wasm_i8x16_eq(wasm_v128_load(left), wasm_v128_load(right)))) return 0;
    uint32_t same = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(left), wasm_v128_load(right)));
    return (~same & ((1u << length) - 1)) == 0;
}

static void clear_slots(uint32_t size) {
    __builtin_memset(slots, 0, (uint64_t)size * sizeof(slots[0]));
    mask = size - 1;
}

static void grow_slots(void) {
    clear_slots((mask + 1) * 4 > SLOTS ? SLOTS : (mask + 1) * 4);
    for (uint32_t entry = 0; entry < entries; entry++) {
        uint32_t place = (uint32_t)entry_hash[entry] & mask;
        while (slots[place]) place = (place + 1) & mask;
        slots[place] = entry + 1;
    }
}

// CR has to become LF, and general reading uses \x01 as a mark.
static int has_other_bytes(const uint8_t *at, uint32_t length) {
    for (uint32_t place = 0; place < length; place++)
        if (at[place] == '\r' || at[place] == 1) return 1;
    return 0;
}

static int added(const uint8_t *at, uint32_t length, uint64_t hash, uint32_t place) {
    uint32_t start = entries ? entry_end[entries - 1] : 0;
    if (entries == ENTRIES || length > ARENA_BYTES - start || has_other_bytes(at, length)) return -1;
    __builtin_memcpy(arena + start, at, length);
    entry_end[entries] = start + length;
    entry_hash[entries] = hash;
    slots[place] = ++entries;
    if (entries > mask / 2 && mask + 1 < SLOTS) grow_slots();
    return (int)entries - 1;
}

// The number of a content; -1 if it has other bytes, if there is no room, or if too many have nearly the same hash.
static int code_of(const uint8_t *at, uint32_t length) {
    uint64_t hash = hash_of(at, length);
    uint32_t place = (uint32_t)hash & mask;
    for (uint32_t probes = 0; probes < MOST_PROBES; probes++, place = (place + 1) & mask) {
        if (!slots[place]) return added(at, length, hash, place);
        uint32_t entry = slots[place] - 1, start = entry ? entry_end[entry - 1] : 0;
        if (entry_hash[entry] == hash && entry_end[entry] - start == length && equal(arena + start, at, length))
            return (int)entry;
    }
    return -1;
}

static int begins(const uint8_t *at, const char *text) {
    while (*text)
        if (*at++ != (uint8_t)*text++) return 0;
    return 1;
}

static const uint8_t *after_blanks(const uint8_t *at) {
    while (*at == ' ' || *at == '\n' || *at == '\t') at++;
    return at;
}

// A number of at most 7 digits and the quote behind it; 0 if there is none.
static const uint8_t *after_number(const uint8_t *at, uint32_t *number) {
    const uint8_t *first = at;
    for (*number = 0; *at >= '0' && *at <= '9' && at - first < 8; at++) *number = *number * 10 + (*at - '0');
    return at > first && at - first < 8 && *at == '"' ? at + 1 : 0;
}

// The column from 0, from the letters of a reference.
static const uint8_t *after_letters(const uint8_t *at, uint32_t *column) {
    const uint8_t *first = at;
    for (*column = 0; *at >= 'A' && *at <= 'Z' && at - first < 4; at++) *column = *column * 26 + (*at - 'A' + 1);
    if (at == first || *column > LAST_COLUMN) return 0;
    *column -= 1;
    return at;
}

// The end of a tag whose attributes are in ASCII; 0 if another byte comes first.
static const uint8_t *row_tag_end(const uint8_t *at) {
    while (*at != '>' && *at != '<' && *at < 0x80 && (*at >= ' ' || *at == '\n' || *at == '\t')) at++;
    return *at == '>' ? at : 0;
}

// The next of two bytes; 0 if there is none.
static inline const uint8_t *next_of(const uint8_t *at, const uint8_t *end, uint8_t one, uint8_t other) {
    v128_t first = wasm_i8x16_splat(one), second = wasm_i8x16_splat(other);
    for (; at < end; at += 16) {
        v128_t bytes = wasm_v128_load(at);
        v128_t found = wasm_i8x16_eq(bytes, first);
        if (one != other) found = wasm_v128_or(found, wasm_i8x16_eq(bytes, second));
        uint32_t places = wasm_i8x16_bitmask(found);
        if (places) return at + __builtin_ctz(places);
    }
    return 0;
}

// Tags that no cell contains: of a row, a cell, a merged range, a comment or a section.
static int is_foreign(const uint8_t *tag) {
    if (tag[1] == 'c') return !(tag[2] >= 'a' && tag[2] <= 'z');
    return tag[1] == '!' || tag[1] == '?' || tag[1] == 'm' || begins(tag, "<row") || begins(tag, "</row");
}

static const uint8_t *cell_end(const uint8_t *at, const uint8_t *end) {
    for (; (at = next_of(at, end, '<', '<')) && !begins(at, "</c>"); at++)
        if (is_foreign(at)) return 0;
    return at && at + 4 <= end ? at + 4 : 0;
}

// A cell of row ``number`` whose column is ``least`` or a later one; ``at`` is behind ``<c r="``.
static const uint8_t *read_cell(const uint8_t *at, const uint8_t *end, uint32_t number, uint32_t *least) {
    uint32_t column, row;
    if (!(at = after_letters(at, &column)) || !(at = after_number(at, &row))) return 0;
    const uint8_t *close = next_of(at, end, '<', '>');
    if (row != number || column < *least || !close || *close != '>') return 0;
    *least = column + 1;
    if (close[-1] == '/') return close + 1;
    const uint8_t *next = cell_end(close + 1, end);
    int code = next && cells < CELLS ? code_of(at, (uint32_t)(next - at)) : -1;
    if (code < 0) return 0;
    cell_row[cells] = rows - 1, cell_column[cells] = column, cell_code[cells++] = (uint32_t)code;
    return next;
}

// A row that is below ``*before``; ``at`` is behind ``<row r="``.
static const uint8_t *read_row(const uint8_t *at, const uint8_t *end, uint32_t *before) {
    uint32_t number, least = 0;
    if (!(at = after_number(at, &number)) || !(at = row_tag_end(at))) return 0;
    if (number <= *before || number > LAST_ROW || rows == CELLS) return 0;
    row_number[rows++] = *before = number;
    if (at[-1] == '/') return at + 1;
    for (at = after_blanks(at + 1); begins(at, "<c r=\""); at = after_blanks(at))
        if (!(at = read_cell(at + 6, end, number, &least))) return 0;
    return begins(at, "</row>") ? at + 6 : 0;
}

#define EXPORT(name) __attribute__((export_name(#name))) uint32_t name

EXPORT(input_at)(void) { return (uint32_t)input; }
EXPORT(input_bytes)(void) { return INPUT_BYTES; }
EXPORT(cell_row_at)(void) { return (uint32_t)cell_row; }
EXPORT(cell_column_at)(void) { return (uint32_t)cell_column; }
EXPORT(cell_code_at)(void) { return (uint32_t)cell_code; }
EXPORT(row_number_at)(void) { return (uint32_t)row_number; }
EXPORT(entry_end_at)(void) { return (uint32_t)entry_end; }
EXPORT(arena_at)(void) { return (uint32_t)arena; }
EXPORT(cell_count)(void) { return cells; }
EXPORT(row_count)(void) { return rows; }
EXPORT(entry_count)(void) { return entries; }

// Forget every content. ``value`` changes the hashes, so that no file can be made to collide.
EXPORT(restart)(uint64_t value) {
    seed = value;
    entries = 0;
    clear_slots(FIRST_SLOTS);
    return 0;
}

// Whether the contents kept so far leave room for those of another piece.
EXPORT(has_room)(void) {
    return entries <= KEPT_ENTRIES && (!entries || entry_end[entries - 1] <= KEPT_BYTES);
}

// Read ``length`` bytes of ``input``: whole rows below row ``before``. 1 if they are plain, else 0.
EXPORT(scan)(uint32_t length, uint32_t before) {
    rows = cells = 0;
    if (length > INPUT_BYTES) return 0;
    __builtin_memset(input + length, 0, PADDING);
    const uint8_t *at = after_blanks(input), *end = input + length;
    while (at < end) {
        if (!begins(at, "<row r=\"") || !(at = read_row(at + 8, end, &before))) return 0;
        at = after_blanks(at);
    }
    return at == end;
}
