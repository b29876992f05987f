// Delimited bytes to dictionary codes: one pure function over one stretch of memory.
//
// It reads RFC 4180 where all readers agree on it, and says "not plain" to everything else. A text of a field is found
// again by its bytes: a hash only says where to look.
//
// Memory. The caller gives one stretch of memory, which begins with `struct request`. All places are offsets from its
// start, so that the same source runs in WebAssembly and as native code. What the function needs, it takes from
// `request.free` on by `take`, the only allocation, which never goes past `size`. Nothing is kept between two calls.
//
// Bounds. (1) PADDING zero bytes follow the text, so PADDING bytes can be loaded from any place in it, and zero is
// neither a separator nor a quote. (2) `cuts` only grow: cut[k] <= cut[k+1] - 1, so no field has a negative length.
// (3) A row has at least one byte for each column, so no more than length / columns rows are written.

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

enum { LANES = 16, BLOCK = 64, PADDING = 64, MIN_CUTS = 1 << 13, GROUP = 64 };
enum { MIN_ROOM = 32, MAX_PROBES = 64, CODE_BITS = 22 };
static const u32 NONE = ~(u32)0, CODES = ((u32)1 << CODE_BITS) - 1;
enum status { PLAIN = 0, MEMORY_FULL = 1, ROW_WIDTH = 2, QUOTES = 3, LINE_ENDS = 4, COLLISIONS = 5 };

typedef u8 vector __attribute__((vector_size(LANES), aligned(1)));
typedef u64 word __attribute__((aligned(1)));
typedef bool flags __attribute__((ext_vector_type(LANES)));

// Of each column. The caller sets `rich`; the rest is the result: `count` texts, of which `null` stands for "no value"
// (~0 if there is none), as `count + 1` offsets (int32) into the bytes at `bytes`.
struct column {
    u32 rich, count, null, offsets, bytes;
    // Used while texts are collected: `room` for texts, and slots for their hashes shifted by `shift`.
    u32 slots, shift, texts, room;
};

// Must agree with split_fields.py, as must `struct column` and `enum status`.
struct request {
    u64 secret[6];
    u32 text, length, columns, delimiter, quote, has_quote, carriage, free;
    u32 rows, max_rows, codes, row_starts, at_or_after;
    struct column column[];
};

// One distinct text. Up to 16 bytes, `head`, `tail` and `length` are all of it; beyond that, the bytes are compared.
struct text {
    u64 head, tail;
    u32 start, length;
};

// A place in the hash table: the code of a text in the lower CODE_BITS, and above them as many bits of its hash as fit.
// ~0 is a free slot.
typedef u32 slot;

struct work {
    u8 *memory;
    u64 size;
    struct request *request;
    const u8 *text;
    u32 *cuts;             // The first byte of each field that was found, and of the one that follows.
    u32 found, capacity;   // The number of fields in `cuts`, and the most of them.
    u32 at;                // Text before this was looked through.
    u64 inside;            // All ones if `at` is inside quotes.
    bool quotes, doubled;  // Whether the text has quotes, and doubled ones.
};

static inline vector load_vector(const u8 *from) { return *(const vector *)from; }
static inline u64 load_word(const u8 *from) { return *(const word *)from; }
static inline vector all(u8 byte) { return (vector){} + byte; }

// Bit i is whether lane i is not zero.
static inline u64 bits(vector found) {
    flags each = __builtin_convertvector(found, flags);
    return __builtin_bit_cast(uint16_t, each);
}

// Offset of `bytes` free bytes, a multiple of 64; 0 if there are not so many.
static u32 take(struct work *work, u64 bytes) {
    u64 start = ((u64)work->request->free + 63) & ~(u64)63;
    if (bytes > work->size || start > work->size - bytes) return 0;
    work->request->free = (u32)(start + bytes);
    return (u32)start;
}

// ---- Cutting the text into fields --------------------------------------------------------------------------------

static inline u64 equal_bits(const u8 *block, u8 byte) {
    u64 found = 0;
    for (int i = 0; i < BLOCK; i += LANES) found |= bits((vector)(load_vector(block + i) == all(byte))) << i;
    return found;
}

// Bit i is the parity of bits 0 to i.
static inline u64 parity(u64 x) {
    for (int i = 1; i < 64; i *= 2) x ^= x << i;
    return x;
}

static inline bool is_separator(const struct request *request, u8 byte) {
    return byte == request->delimiter || byte == '\n';
}

// The separators of a block with quotes or carriage returns, without those inside quotes.
//
// Every quote either opens a field (a separator is before it), closes one (a separator or line end follows), or is one
// of two neighbours inside a field. So by induction each quote belongs to a field that begins and ends with one.
static enum status unquoted_separators(struct work *work, u64 *separators) {
    const struct request *request = work->request;
    const u8 *block = work->text + work->at, before = work->at ? block[-1] : '\n', after = block[BLOCK];
    u64 quote = request->has_quote ? equal_bits(block, (u8)request->quote) : 0;
    u64 newline = equal_bits(block, '\n'), carriage = equal_bits(block, '\r');
    bool quote_before = work->at && request->has_quote && before == request->quote;
    bool quote_after = request->has_quote && after == request->quote;

    u64 line_end = newline >> 1 | (u64)(after == '\n') << 63;
    if (carriage & (request->carriage ? ~line_end : ~(u64)0)) return LINE_ENDS;

    u64 inside = parity(quote) ^ work->inside;
    u64 opening = quote & inside, closing = quote & ~inside;
    u64 may_open = (*separators | quote) << 1 | (is_separator(request, before) || quote_before);
    u64 may_close = (*separators | quote | carriage) >> 1;
    may_close |= (u64)(is_separator(request, after) || quote_after || after == '\r') << 63;
    if (newline & inside || opening & ~may_open || closing & ~may_close) return QUOTES;

    work->quotes |= quote != 0;
    work->doubled |= (opening & (quote << 1 | quote_before)) != 0;
    work->inside = (u64)0 - (inside >> 63);
    *separators &= ~inside;
    return PLAIN;
}

// Add fields to `cuts` until they are full or the text ends.
static enum status find_fields(struct work *work) {
    const struct request *request = work->request;
    const vector delimiter = all((u8)request->delimiter), newline = all('\n'), carriage = all('\r');
    const vector quote = all(request->has_quote ? (u8)request->quote : '\r');
    while (work->at < request->length && work->found + BLOCK <= work->capacity) {
        const u8 *block = work->text + work->at;
        u64 separators = 0;
        vector unusual = {};
        for (int i = 0; i < BLOCK; i += LANES) {
            vector bytes = load_vector(block + i);
            separators |= bits((vector)((bytes == delimiter) | (bytes == newline))) << i;
            unusual |= (vector)((bytes == quote) | (bytes == carriage));
        }
        if (bits(unusual) | work->inside) {
            enum status status = unquoted_separators(work, &separators);
            if (status) return status;
        }
        // Eight at a time, whether there are so many or not: `cuts` has room for them.
        u32 *cut = work->cuts + work->found + 1, first = work->at + 1;
        int count = __builtin_popcountll(separators);
        for (int done = 0; done < count; done += 8) {
            for (int i = 0; i < 8; i++) {
                cut[done + i] = first + (u32)__builtin_ctzg(separators, 64);
                separators &= separators - 1;
            }
        }
        work->found += count;
        work->at += BLOCK;
    }
    return PLAIN;
}

// ---- Texts of a column -------------------------------------------------------------------------------------------

// NH (J. Black et al., UMAC, 1999): for random keys, two texts collide with a probability of 2^-32.
static inline u64 mix(u64 head, u64 tail, const u64 *secret) {
    u64 first = (u64)((u32)head + (u32)secret[0]) * (u32)((head >> 32) + (secret[0] >> 32));
    return first + (u64)((u32)tail + (u32)secret[1]) * (u32)((tail >> 32) + (secret[1] >> 32));
}

// Its upper bits are the place among the slots; its lower half is the slot's `check`.
static inline u64 hash_of(const struct text *text, const u64 *secret) {
    u64 hash = mix(text->head, text->tail, secret);
    return (hash ^ hash >> 32) * (secret[2] | 1);
}

static u64 hash_of_long(const u8 *bytes, u32 length, const u64 *secret) {
    u64 hash = mix(load_word(bytes + length - 16), load_word(bytes + length - 8), secret + 4);
    for (u32 i = 0; i + 16 < length; i += 16) {
        hash = (hash ^ mix(load_word(bytes + i), load_word(bytes + i + 8), secret)) * (secret[3] | 1);
        hash ^= hash >> 29;
    }
    return hash;
}

// Both have more than 16 bytes, so no byte outside of them is compared.
static inline bool same_bytes(const u8 *x, const u8 *y, u32 length) {
    u64 differ = (load_word(x + length - 16) ^ load_word(y + length - 16)) |
                 (load_word(x + length - 8) ^ load_word(y + length - 8));
    for (u32 i = 0; i + 16 < length && !differ; i += 16) {
        differ = (load_word(x + i) ^ load_word(y + i)) | (load_word(x + i + 8) ^ load_word(y + i + 8));
    }
    return !differ;
}

static const u64 FIRST_BYTES[9] = {0,          0xff,         0xffff,         0xffffff, 0xffffffff,
                                   0xffffffffff, 0xffffffffffff, 0xffffffffffffff, ~(u64)0};

// `quoted` tells an empty text from no value: both have no bytes.
static inline struct text text_at(const u8 *text, u32 start, u32 length, bool quoted, const u64 *secret) {
    const u8 *bytes = text + start;
    u64 head = load_word(bytes), tail = length;
    if (length <= 8) {
        head &= FIRST_BYTES[length];
        if (!length && quoted) tail = ~(u64)0;
    } else {
        tail = length <= 16 ? load_word(bytes + length - 8) : hash_of_long(bytes, length, secret);
    }
    return (struct text){head, tail, start, length};
}

static inline bool same_text(const u8 *text, const struct text *x, const struct text *y) {
    return x->head == y->head && x->tail == y->tail && x->length == y->length &&
           (x->length <= 16 || same_bytes(text + x->start, text + y->start, x->length));
}

// The first free slot from `slot` on, if a search from there reaches it.
static slot *free_slot(slot *from) {
    for (slot *end = from + MAX_PROBES; from < end; from++) {
        if (*from == NONE) return from;
    }
    return 0;
}

// The slot of a text with this hash.
static inline slot made_slot(u64 hash, u32 code) { return ((u32)hash & ~CODES) | code; }

// Room for twice as many texts, and four slots for each, so that most are found in the first. A search goes on past
// the last slot, not to the first one again. Old room is left behind: in all, that is less than what is in use.
static enum status grow(struct work *work, struct column *column) {
    const struct text *old = (const struct text *)(work->memory + column->texts);
    u32 room = column->room ? column->room * 2 : MIN_ROOM, place = take(work, (u64)room * sizeof(struct text));
    if (!place || (!column->rich && room > CODES)) return MEMORY_FULL;
    struct text *texts = (struct text *)(work->memory + place);
    for (u32 i = 0; i < column->count; i++) texts[i] = old[i];
    column->texts = place, column->room = room;
    if (column->rich) return PLAIN;

    u64 slot_count = (u64)room * 4;
    column->shift = 64 - (u32)__builtin_ctzll(slot_count);
    if (!(column->slots = take(work, (slot_count + MAX_PROBES) * sizeof(slot)))) return MEMORY_FULL;
    slot *slots = (slot *)(work->memory + column->slots);
    for (u64 i = 0; i < slot_count + MAX_PROBES; i++) slots[i] = NONE;
    for (u32 i = 0; i < column->count; i++) {
        u64 hash = hash_of(&texts[i], work->request->secret);
        slot *found = free_slot(slots + (hash >> column->shift));
        if (!found) return COLLISIONS;
        *found = made_slot(hash, i);
    }
    return PLAIN;
}

static u32 add_text(struct work *work, struct column *column, const struct text *text) {
    ((struct text *)(work->memory + column->texts))[column->count] = *text;
    if (!text->length && !text->tail) column->null = column->count;
    return column->count++;
}

static enum status find_or_add(struct work *work, struct column *column, const struct text *text, u32 *code) {
    if (column->count == column->room) {
        enum status status = grow(work, column);
        if (status) return status;
    }
    u64 hash = hash_of(text, work->request->secret);
    slot *at = (slot *)(work->memory + column->slots) + (hash >> column->shift), *end = at + MAX_PROBES;
    const struct text *texts = (const struct text *)(work->memory + column->texts);
    for (; at < end; at++) {
        if (*at == NONE) *at = made_slot(hash, add_text(work, column, text));
        *code = *at & CODES;
        if (*at == made_slot(hash, *code) && same_text(work->text, text, &texts[*code])) return PLAIN;
    }
    return COLLISIONS;
}

// Most texts of a rich column are distinct, so looking for one is in vain; "no value" keeps its one code.
static enum status add_rich(struct work *work, struct column *column, const struct text *text, u32 *code) {
    *code = text->length || text->tail ? NONE : column->null;
    if (*code != NONE) return PLAIN;
    if (column->count == column->room) {
        enum status status = grow(work, column);
        if (status) return status;
    }
    *code = add_text(work, column, text);
    return PLAIN;
}

// ---- Rows --------------------------------------------------------------------------------------------------------

// The texts of fields of one column, of which `cut` is the first. `tail`: bytes between the field and the separator.
static inline void read_texts(const struct work *work, const u32 *cut, u32 count, u32 tail, bool quotes,
                              struct text *texts, u64 *hashes) {
    const struct request request = *work->request;
    const u8 *bytes = work->text;
    for (u32 i = 0; i < count; i++, cut += request.columns) {
        // An opening quote has its closing one before the separator.
        bool quoted = quotes && bytes[cut[0]] == request.quote;
        u32 start = cut[0] + quoted, length = cut[1] - 1 - tail - start - quoted;
        texts[i] = text_at(bytes, start, length, quoted, request.secret);
        hashes[i] = hash_of(&texts[i], request.secret);
    }
}

// The codes of `count` texts. Most are in one of the first two slots; no branch is between these, because nobody could
// predict it.
static inline enum status find_codes(struct work *work, struct column *column, const struct text *texts,
                                     const u64 *hashes, u32 count, u32 *codes) {
    const struct text *known = (const struct text *)(work->memory + column->texts);
    const slot *slots = (const slot *)(work->memory + column->slots);
    for (u32 i = 0; i < count; i++) {
        const slot *at = slots + (hashes[i] >> column->shift);
        u32 first = at[0], second = at[1];
        u32 code = (__builtin_unpredictable(((u32)hashes[i] ^ first) > CODES) ? second : first) & CODES;
        if (code == CODES || !same_text(work->text, &texts[i], &known[code])) {
            enum status status = find_or_add(work, column, &texts[i], &code);
            if (status) return status;
            known = (const struct text *)(work->memory + column->texts);
            slots = (const slot *)(work->memory + column->slots);
        }
        codes[i] = code;
    }
    return PLAIN;
}

// The codes of `rows` fields of one column. Texts are read in groups before they are looked for, so that a processor
// has several searches under way at once.
static enum status encode(struct work *work, struct column *column, const u32 *cut, u32 rows, u32 tail, u32 *codes) {
    struct text texts[GROUP];
    u64 hashes[GROUP];
    enum status status = PLAIN;
    for (u32 row = 0; row < rows && !status; row += GROUP, cut += GROUP * work->request->columns) {
        u32 count = rows - row < GROUP ? rows - row : GROUP;
        // Two calls, so that the loop for a text without quotes is made without a trace of them.
        if (work->quotes) {
            read_texts(work, cut, count, tail, true, texts, hashes);
        } else {
            read_texts(work, cut, count, tail, false, texts, hashes);
        }
        if (!column->rich) status = find_codes(work, column, texts, hashes, count, codes + row);
        for (u32 i = 0; column->rich && i < count && !status; i++) {
            status = add_rich(work, column, &texts[i], &codes[row + i]);
        }
    }
    return status;
}

// Whether the first `rows` rows in `cuts` have `columns` fields each, and the line end of the text.
static enum status check_rows(const struct work *work, u32 rows) {
    const struct request *request = work->request;
    const u32 *cut = work->cuts;
    for (u32 row = 0; row < rows; row++) {
        for (u32 column = 1; column < request->columns; column++) {
            if (work->text[*++cut - 1] != request->delimiter) return ROW_WIDTH;
        }
        if (work->text[*++cut - 1] != '\n') return ROW_WIDTH;
        if (request->carriage && work->text[*cut - 2] != '\r') return LINE_ENDS;
    }
    return PLAIN;
}

// The codes of the complete rows in `cuts`, which then begins with the field after them.
static enum status encode_rows(struct work *work) {
    struct request *request = work->request;
    u32 rows = work->found / request->columns, *codes = (u32 *)(work->memory + request->codes) + request->rows;
    u32 *row_starts = (u32 *)(work->memory + request->row_starts) + request->rows;
    enum status status = check_rows(work, rows);
    for (u32 row = 0; row < rows; row++) row_starts[row] = work->cuts[row * request->columns];
    for (u32 column = 0; column < request->columns && !status; column++, codes += request->max_rows) {
        u32 tail = request->carriage && column + 1 == request->columns;
        status = encode(work, &request->column[column], work->cuts + column, rows, tail, codes);
    }
    if (status) return status;
    u32 done = rows * request->columns;
    work->found -= done;
    for (u32 i = 0; i <= work->found; i++) work->cuts[i] = work->cuts[done + i];
    request->rows += rows;
    request->at_or_after = work->cuts[0];
    return PLAIN;
}

// ---- Results -----------------------------------------------------------------------------------------------------

// Copies in whole vectors: both sides may be read and written past the end, by less than a vector.
static u32 copy_text(const struct work *work, const struct text *text, u8 *to) {
    const u8 *from = work->text + text->start;
    if (!work->doubled) {
        for (u32 i = 0; i < text->length; i += LANES) *(vector *)(to + i) = load_vector(from + i);
        return text->length;
    }
    u32 length = 0;
    for (u32 i = 0; i < text->length; i++) {
        to[length++] = from[i];
        i += from[i] == work->request->quote && work->request->has_quote;
    }
    return length;
}

static enum status write_texts(struct work *work, struct column *column) {
    const struct text *texts = (const struct text *)(work->memory + column->texts);
    u64 bytes = PADDING;
    for (u32 i = 0; i < column->count; i++) bytes += texts[i].length;
    column->offsets = take(work, ((u64)column->count + 1) * sizeof(u32));
    column->bytes = take(work, bytes);
    if (!column->offsets || !column->bytes) return MEMORY_FULL;
    u32 *offsets = (u32 *)(work->memory + column->offsets), end = 0;
    for (u32 i = 0; i < column->count; i++) {
        offsets[i] = end;
        end += copy_text(work, &texts[i], work->memory + column->bytes + end);
    }
    offsets[column->count] = end;
    return PLAIN;
}

static enum status prepare(struct work *work) {
    struct request *request = work->request;
    if (work->size > NONE) work->size = NONE;
    if ((u64)request->text + request->length + PADDING > request->free) return MEMORY_FULL;
    work->text = work->memory + request->text;
    work->capacity = request->columns + BLOCK + MIN_CUTS;
    request->rows = request->at_or_after = 0;
    request->max_rows = request->length / request->columns;
    u32 cuts = take(work, ((u64)work->capacity + 1) * sizeof(u32));
    request->row_starts = take(work, (u64)request->max_rows * sizeof(u32));
    request->codes = take(work, (u64)request->max_rows * request->columns * sizeof(u32));
    if (!cuts || !request->row_starts || !request->codes) return MEMORY_FULL;
    work->cuts = (u32 *)(work->memory + cuts);
    work->cuts[0] = 0;
    for (u32 i = 0; i < PADDING; i++) work->memory[request->text + request->length + i] = 0;
    enum status status = PLAIN;
    for (u32 column = 0; column < request->columns && !status; column++) {
        struct column *made = &request->column[column];
        *made = (struct column){.rich = made->rich, .null = NONE};
        status = grow(work, made);
    }
    return status;
}

// Split request.text, whose last byte is a newline, into at least two columns. The results are in `struct request` and
// in `struct column`; with another status than PLAIN, only `at_or_after` is: all rows before that byte are plain.
__attribute__((visibility("default"))) u32 split_fields(u8 *memory, u64 size) {
    struct work work = {.memory = memory, .size = size, .request = (struct request *)memory};
    struct request *request = work.request;
    enum status status = prepare(&work);
    while (!status && work.at < request->length) {
        status = find_fields(&work);
        if (!status) status = encode_rows(&work);
    }
    // A quote that is still open took the last line end.
    if (!status && (work.found || work.cuts[0] != request->length)) status = work.inside ? QUOTES : ROW_WIDTH;
    for (u32 column = 0; column < request->columns && !status; column++) {
        status = write_texts(&work, &request->column[column]);
    }
    return status;
}
