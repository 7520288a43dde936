#include "textflag.h"

// STEP multiplies 16 numbers of the panel by one number of a row.
#define STEP(BY, LOW, HIGH) \
	VFMADD231PS Y12, BY, LOW; \
	VFMADD231PS Y13, BY, HIGH

// ADDROW adds 16 sums to a row of c.
#define ADDROW(LOW, HIGH) \
	VADDPS (DI), LOW, LOW; \
	VADDPS 32(DI), HIGH, HIGH; \
	VMOVUPS LOW, (DI); \
	VMOVUPS HIGH, 32(DI)

// func add6x16(c *float32, ldc uintptr, a *float32, rs, ks uintptr, panel *float32, k uintptr)
//
// Twelve registers hold the 6 by 16 sums; each step loads 16 numbers of the
// panel once and multiplies them by one number of each row.
TEXT ·add6x16(SB), NOSPLIT, $0-56
	MOVQ c+0(FP), DI
	MOVQ ldc+8(FP), R8
	MOVQ a+16(FP), SI
	MOVQ rs+24(FP), R9
	MOVQ ks+32(FP), R10
	MOVQ panel+40(FP), BX
	MOVQ k+48(FP), CX
	LEAQ (R9)(R9*2), R11
	ADDQ SI, R11            // the fourth row
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11

step6:
	VMOVUPS (BX), Y12
	VMOVUPS 32(BX), Y13
	VBROADCASTSS (SI), Y14
	VBROADCASTSS (SI)(R9*1), Y15
	STEP(Y14, Y0, Y1)
	STEP(Y15, Y2, Y3)
	VBROADCASTSS (SI)(R9*2), Y14
	VBROADCASTSS (R11), Y15
	STEP(Y14, Y4, Y5)
	STEP(Y15, Y6, Y7)
	VBROADCASTSS (R11)(R9*1), Y14
	VBROADCASTSS (R11)(R9*2), Y15
	STEP(Y14, Y8, Y9)
	STEP(Y15, Y10, Y11)
	ADDQ R10, SI
	ADDQ R10, R11
	ADDQ $64, BX
	DECQ CX
	JNZ  step6

	ADDROW(Y0, Y1)
	ADDQ R8, DI
	ADDROW(Y2, Y3)
	ADDQ R8, DI
	ADDROW(Y4, Y5)
	ADDQ R8, DI
	ADDROW(Y6, Y7)
	ADDQ R8, DI
	ADDROW(Y8, Y9)
	ADDQ R8, DI
	ADDROW(Y10, Y11)
	VZEROUPPER
	RET

// func add1x16(c *float32, a *float32, ks uintptr, panel *float32, k uintptr)
TEXT ·add1x16(SB), NOSPLIT, $0-40
	MOVQ c+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ ks+16(FP), R10
	MOVQ panel+24(FP), BX
	MOVQ k+32(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1

step1:
	VBROADCASTSS (SI), Y14
	VFMADD231PS (BX), Y14, Y0
	VFMADD231PS 32(BX), Y14, Y1
	ADDQ R10, SI
	ADDQ $64, BX
	DECQ CX
	JNZ  step1

	ADDROW(Y0, Y1)
	VZEROUPPER
	RET
